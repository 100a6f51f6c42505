-- How the audits and seals of the whole installation stand, in numbers that tell nothing of any user.
create function book.ledger_figures(at timestamptz)
returns table (
    wallets bigint,
    facts bigint,
    audited_wallets bigint,
    unaudited_facts bigint,
    unsealed_facts bigint,
    audit_violations bigint,
    wallets_with_violations bigint,
    oldest_audit_at timestamptz,
    oldest_audit_age_seconds numeric,
    last_audit_run_at timestamptz,
    status text
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    sealed bigint;
begin
    select count(*) into wallets
    from public.agent_wallets as w;

    select count(*) into facts
    from public.agent_transactions as t;

    select
        count(*),
        ledger_figures.facts - coalesce(sum(a.facts), 0),
        coalesce(sum(a.violations), 0),
        count(*) filter (where a.violations > 0),
        min(a.audited_at)
    into audited_wallets, unaudited_facts, audit_violations, wallets_with_violations, oldest_audit_at
    from public.wallet_audits as a;

    select coalesce(sum(s.facts), 0) into sealed
    from (
        select max(l.facts_so_far) as facts
        from public.ledger_seals as l
        group by l.wallet_address
    ) as s;

    unsealed_facts := ledger_figures.facts - sealed;
    oldest_audit_age_seconds := round(extract(epoch from at - oldest_audit_at), 3);

    select max(r.started_at) into last_audit_run_at
    from public.job_runs as r
    where r.job = 'audit_wallets' and r.outcome = 'done';

    status := case
        when audit_violations > 0 then 'violations'
        -- It is to run every hour.
        when ledger_figures.facts > 0 and coalesce(last_audit_run_at < at - interval '3 hours', true) then 'overdue'
        else 'ok'
    end;
    return next;
end
$$;

comment on function book.ledger_figures(timestamptz) is
'How the audits and seals of the whole installation stand: one row of counts, without a word about any user. status is
violations where an audit found any, overdue where there are facts and no audit has run for three hours, else ok.
at: now.';
