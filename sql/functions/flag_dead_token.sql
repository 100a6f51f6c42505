-- Burns what is held of a token that is worth nothing any more: of everybody's managed positions, where the operator
-- says so (owner NULL), or of all that a user holds. The loss is a historical swap, like any other.
--
-- request: {"tokenAddress", "evidence"}. Again, it burns what has come since. Takes turns with the writers of the
-- wallets.
create function book.flag_dead_token(owner uuid, request jsonb, at timestamptz)
returns api.burned_tokens
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    token text;
    facts public.agent_transactions[];
    failures jsonb;
begin
    perform book.check_request(request, 'flag_dead_token');
    if not (
        case
            when owner is null then book.is_operator()
            -- Anyone can set the setting that tells the service's user: the feed too.
            else book.may_act_for(owner) and (book.is_unlimited() or not book.is_operator())
        end
    ) then
        perform book.refuse('not_found', 'owner', 'there is no such user');
    end if;
    token := request ->> 'tokenAddress';
    insert into public.dead_tokens (token_address, user_id, evidence, flagged_at)
    values (token, owner, request ->> 'evidence', at)
    on conflict (token_address, user_id) do update set evidence = excluded.evidence, flagged_at = excluded.flagged_at;

    perform book.lock_wallets(array(
        select p.wallet_address from public.agent_positions as p
        where p.token_address = token and (owner is null or p.user_id = owner)
    ));
    facts := array(
        select book.burn_of(p, greatest(at, b.last_transaction_time))
        from public.agent_positions as p
        inner join public.agent_balances as b
            on b.wallet_address = p.wallet_address and b.token_address = p.token_address
        where
            p.token_address = token
            and case when owner is null then p.managed and not p.is_dust else p.user_id = owner end
        order by p.wallet_address
    );
    failures := (
        select coalesce(jsonb_object_agg(f.fact_id, jsonb_build_array(f.error, f.explanation)), '{}')
        from book.fill_simulated(facts) as f
    );
    insert into public.position_actions as a (
        user_id,
        agent_id,
        wallet_address,
        token_address,
        position_id,
        rule,
        status,
        amount,
        transaction_id,
        reason,
        error,
        decided_at
    )
    select
        g.user_id,
        g.id,
        f.wallet_address,
        token,
        (f.swap_payload ->> 'positionId')::uuid,
        'dead_token',
        case when failures ? f.id::text then 'failed' else 'success' end,
        f.input_amount,
        case when not failures ? f.id::text then f.id end,
        left(failures -> f.id::text ->> 0, 40),
        failures -> f.id::text ->> 1,
        at
    from unnest(facts) as f
    inner join public.agents as g on g.id = f.agent_id
    on conflict (position_id, rule) where status = 'failed' and order_id is null do update set
        attempts = a.attempts + 1,
        decided_at = excluded.decided_at;
    return (
        select row(token, cardinality(facts) - count(*), count(*))::api.burned_tokens
        from jsonb_object_keys(failures)
    );
end
$$;

comment on function book.flag_dead_token(uuid, jsonb, timestamptz) is
'Burns what is held of a token that is worth nothing: of all managed positions (owner NULL, the operator''s word), or of
a user. at: now. Raises not_found (TB007), also where somebody else speaks as the operator, and what book.check_request
raises.';
