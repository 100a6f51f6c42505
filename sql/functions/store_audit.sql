-- Audits a wallet and stores what was found, in one statement, so that all of it is of one moment.
create function book.store_audit(wallet text, at timestamptz)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
    insert into public.wallet_audits (
        wallet_address,
        agent_id,
        user_id,
        audited_at,
        facts,
        voids,
        violations,
        first_violation
    )
    select
        w.wallet_address,
        w.agent_id,
        w.user_id,
        at,
        w.facts,
        w.voids,
        found.violations,
        found.first_violation
    from book.wallet_facts as w
    cross join lateral (
        select
            count(*)::int as violations,
            (array_agg(
                concat_ws(
                    ' ',
                    'law', v.law, v.token_address, v.row_id, v.subject || ':',
                    'expected', v.expected, 'actual', v.actual
                )
                order by v.law, v.token_address, v.row_id, v.subject
            ))[1] as first_violation
        from book.audit_wallet(w.wallet_address) as v
    ) as found
    where w.wallet_address = wallet
    on conflict (wallet_address) do update set
        audited_at = excluded.audited_at,
        facts = excluded.facts,
        voids = excluded.voids,
        violations = excluded.violations,
        first_violation = excluded.first_violation;
exception
    -- The wallet was deleted meanwhile; the others are still to be audited.
    when foreign_key_violation then
        if exists (select from public.agent_transactions as t where t.wallet_address = wallet) then
            raise;
        end if;
end
$$;

comment on function book.store_audit(text, timestamptz) is
'Audits a wallet and stores in wallet_audits what it covered and found. at: now.';
