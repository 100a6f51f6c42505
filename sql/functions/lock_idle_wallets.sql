-- Locks those of some wallets that nobody else is at, for the rest of the transaction, and answers them: so that
-- whoever is slow at one of them delays nobody else's. Their agents first, as book.lock_wallets does.
create function book.lock_idle_wallets(addresses text[])
returns text[]
language plpgsql
volatile
as $$
begin
    return array(
        select w.wallet_address
        from public.agent_wallets as w
        inner join public.agents as a on a.id = w.agent_id
        where w.wallet_address = any (addresses)
        order by w.wallet_address
        for key share of a skip locked
        for no key update of w skip locked
    );
end
$$;

comment on function book.lock_idle_wallets(text[]) is
'Locks those of the wallets that nobody else has locked until the end of the transaction; their addresses.';
