-- Seals the facts and voids that are in no seal yet, wallet by wallet; commits after each seal. To be called outside a
-- transaction, as often as one likes: what is sealed already is left alone. Writers wait for nothing.
--
-- Raises job_running where another call is at work.
create procedure jobs.seal_ledgers(at timestamptz)
language plpgsql
as $$
declare
    wallet text;
begin
    perform book.start_job('jobs.seal_ledgers');
    for wallet in
        select w.wallet_address
        from book.wallet_facts as w
        left join report.seal_heads as h on h.wallet_address = w.wallet_address
        where w.facts <> coalesce(h.facts, 0) or w.voids <> coalesce(h.voids, 0)
        order by w.wallet_address
    loop
        loop
            perform book.start_job('jobs.seal_ledgers');
            exit when book.seal_wallet(wallet, at, book.settled_before(at), 100000) = 0;
            commit;
        end loop;
    end loop;
end
$$;

comment on procedure jobs.seal_ledgers (timestamptz) is
'Seals the facts and voids of all wallets that are in no seal yet; to be called outside a transaction. at: now. Raises
job_running (TB017).';
