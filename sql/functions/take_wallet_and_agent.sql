-- Locks a wallet of a user, so that it can be deleted, and answers it: as book.take_wallet, with its agent.
--
-- A plain INSERT refers to agent and wallet before it takes the wallet's turn. Whoever waited for it at the wallet
-- would have the turn that it waits for; and where it comes later, it would look for the wallet that is gone, not for
-- the one that a reset has made in its place.
create function book.take_wallet_and_agent(owner uuid, wallet text)
returns public.agent_wallets
language plpgsql
volatile
as $$
begin
    perform book.require_wallet(owner, wallet);
    perform from public.agents as a where a.id = book.agent_of(wallet) for update;
    return book.take_wallet(owner, wallet);
end
$$;

comment on function book.take_wallet_and_agent(uuid, text) is
'Locks a wallet of a user and its agent until the end of the transaction; the wallet''s row. Raises not_found (TB007).';
