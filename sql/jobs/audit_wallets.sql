-- Audits the wallets whose facts or voids have become more since their last audit, and those that had violations then;
-- commits after each. To be called outside a transaction, as often as one likes. Writers wait for nothing.
--
-- Raises job_running where another call is at work.
create procedure jobs.audit_wallets(at timestamptz)
language plpgsql
as $$
declare
    wallet text;
begin
    perform book.start_job('jobs.audit_wallets');
    for wallet in
        select w.wallet_address
        from book.wallet_facts as w
        left join public.wallet_audits as a on a.wallet_address = w.wallet_address
        where
            w.facts <> coalesce(a.facts, 0)
            or w.voids <> coalesce(a.voids, 0)
            or a.violations > 0
        order by w.wallet_address
    loop
        perform book.start_job('jobs.audit_wallets');
        perform book.store_audit(wallet, at);
        commit;
    end loop;
end
$$;

comment on procedure jobs.audit_wallets (timestamptz) is
'Audits the wallets that have changed since their last audit, or had violations then; to be called outside a
transaction. What it found is in wallet_audits. at: now. Raises job_running (TB017).';
