-- Audits the wallets whose facts or voids have become more since their last audit, and those that had violations then;
-- commits after each. To be called outside a transaction, as often as one likes. Writers wait for nothing.
create procedure jobs.audit_wallets(at timestamptz)
language plpgsql
as $$
begin
    call jobs.run('audit_wallets', at);
end
$$;

comment on procedure jobs.audit_wallets (timestamptz) is
'Audits the wallets that have changed since their last audit, or had violations then; to be called outside a
transaction. What it found is in wallet_audits. at: now. Raises job_running (TB017).';
