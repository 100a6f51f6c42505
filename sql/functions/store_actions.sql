-- Stores what rules did in position_actions, and what a sale of the take-profit ladder leaves of it.
--
-- failures: {fact id: [error, explanation]} of the trades that were refused.
create function book.store_actions(reviews book.reviewed_position[], failures jsonb, at timestamptz)
returns void
language plpgsql
volatile
as $$
begin
    update public.agent_positions as p
    set
        take_profit_levels_done = (k.verdict).levels_done,
        moon_bag_amount = (k.verdict).moon_bag,
        quiet_until = null
    from unnest(reviews) as k
    where
        p.agent_id = (k.p).agent_id
        and p.id = (k.p).id
        and (k.verdict).rule = 'take_profit'
        and k.wallet_type = 'simulation'
        and not failures ? k.fact_id::text;

    insert into public.position_actions as a (
        user_id,
        agent_id,
        wallet_address,
        token_address,
        position_id,
        rule,
        status,
        price_sol,
        amount,
        transaction_id,
        order_id,
        reason,
        error,
        decided_at
    )
    select
        (k.p).user_id,
        (k.p).agent_id,
        (k.p).wallet_address,
        (k.p).token_address,
        (k.p).id,
        (k.verdict).rule,
        d.status,
        k.price_sol,
        (k.verdict).amount,
        case d.status when 'success' then k.fact_id end,
        case d.status when 'ordered' then k.fact_id end,
        case d.status
            when 'failed' then left(failures -> k.fact_id::text ->> 0, 40)
            when 'skipped' then 'balance_too_low'
        end,
        case d.status
            when 'failed' then failures -> k.fact_id::text ->> 1
            when 'skipped' then (select r.about from report.decision_reasons as r where r.reason = 'balance_too_low')
        end,
        at
    from unnest(reviews) as k
    cross join lateral (
        select case
            when k.fact_id is null then 'skipped'
            when k.wallet_type = 'live' then 'ordered'
            when failures ? k.fact_id::text then 'failed'
            else 'success'
        end as status
    ) as d
    order by (k.p).id
    on conflict (position_id, rule) where status = 'failed' and order_id is null do update set
        price_sol = excluded.price_sol,
        amount = excluded.amount,
        reason = excluded.reason,
        error = excluded.error,
        attempts = a.attempts + 1,
        decided_at = excluded.decided_at;
end
$$;

comment on function book.store_actions(book.reviewed_position[], jsonb, timestamptz) is
'Stores what rules did in position_actions, a row for each; failures that come again count up. at: now.';
