-- Refuses a wallet that the user does not have.
create function book.require_wallet(owner uuid, wallet text)
returns void
language plpgsql
stable
as $$
begin
    if not exists (
        select from public.agent_wallets as w
        inner join public.agents as a on a.id = w.agent_id
        where w.wallet_address = wallet and a.user_id = owner
    ) then
        perform book.refuse('not_found', 'wallet_address', 'there is no such wallet');
    end if;
end
$$;

comment on function book.require_wallet(uuid, text) is 'Raises not_found (TB007) where the user has no such wallet.';
