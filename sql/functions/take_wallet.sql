-- Locks a wallet of a user, so that it can be changed, and answers it.
create function book.take_wallet(owner uuid, wallet text)
returns public.agent_wallets
language plpgsql
volatile
as $$
declare
    taken public.agent_wallets;
begin
    perform book.require_wallet(owner, wallet);
    perform book.lock_wallets(array[wallet]);
    -- Whoever had the turn before may have taken it away.
    perform book.require_wallet(owner, wallet);
    select w.* into taken from public.agent_wallets as w where w.wallet_address = wallet;
    return taken;
end
$$;

comment on function book.take_wallet(uuid, text) is
'Locks a wallet of a user until the end of the transaction; its row. Raises not_found (TB007).';
