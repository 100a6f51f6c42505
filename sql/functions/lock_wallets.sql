-- Takes turns with every other writer to these wallets, in address order so that no two can wait for each other.
--
-- Their agents first, as whoever deletes an agent does: facts refer to both.
create function book.lock_wallets(addresses text[])
returns void
language plpgsql
volatile
as $$
begin
    perform
    from public.agents as a
    where
        a.id = any (array(
            select w.agent_id from public.agent_wallets as w
            where w.wallet_address = any (addresses)
        ))
    order by a.id
    for key share;

    perform
    from public.agent_wallets as w
    where w.wallet_address = any (addresses)
    order by w.wallet_address
    for no key update;
end
$$;

comment on function book.lock_wallets(text[]) is
'Locks the wallets for the rest of the transaction, in address order; other wallets'' writers do not wait.';
