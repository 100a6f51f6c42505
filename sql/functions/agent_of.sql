-- The agent of a wallet: what the tables whose indexes begin with the agent are looked up by.
create function book.agent_of(wallet text)
returns uuid
language sql
stable
strict
as $$
    select w.agent_id
    from public.agent_wallets as w
    where w.wallet_address = wallet
$$;

comment on function book.agent_of(text) is 'The agent of a wallet; NULL where there is no such wallet.';
