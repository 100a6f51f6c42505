-- Seals the facts and voids that are in no seal yet, wallet by wallet; commits after each seal. To be called outside a
-- transaction, as often as one likes: what is sealed already is left alone. Writers wait for nothing.
create procedure jobs.seal_ledgers(at timestamptz)
language plpgsql
as $$
begin
    call jobs.run('seal_ledgers', at);
end
$$;

comment on procedure jobs.seal_ledgers (timestamptz) is
'Seals the facts and voids of all wallets that are in no seal yet; to be called outside a transaction. at: now. Raises
job_running (TB017).';
