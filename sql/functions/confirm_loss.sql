-- Refuses to let the history of a wallet go without {"confirm": true}.
create function book.confirm_loss(wallet public.agent_wallets, request jsonb)
returns void
language plpgsql
stable
as $$
begin
    if coalesce((request ->> 'confirm')::boolean, false) then
        return;
    elsif exists (
        select from public.agent_transactions as t
        where t.agent_id = wallet.agent_id and t.wallet_address = wallet.wallet_address
    ) then
        perform book.refuse('wallet_has_history', 'confirm', 'the wallet has transactions, which would go with it');
    end if;
end
$$;

comment on function book.confirm_loss(public.agent_wallets, jsonb) is
'Raises wallet_has_history (TB032) where a wallet has transactions and the request does not say confirm.';
