-- Adds each change to its balance. The caller holds the locks of the wallets, so what is read here stays so.
create function book.write_balances(changes book.balance_change[], histories book.token_history[])
returns void
language plpgsql
volatile
as $$
begin
    insert into public.agent_balances as b (
        user_id,
        agent_id,
        wallet_address,
        token_address,
        token_symbol,
        balance,
        last_updated,
        last_transaction_time,
        last_ledger_order
    )
    select
        c.user_id,
        c.agent_id,
        c.wallet_address,
        c.token_address,
        coalesce(h.token_symbol, known.token_symbol, 'SOL'),
        book.balance_after(known.balance, c.change, c.wallet_address, c.token_address),
        now(),
        c.last_time,
        c.last_order
    from unnest(changes) as c
    left join unnest(histories) as h
        on h.wallet_address = c.wallet_address and h.token_address = c.token_address
    left join public.agent_balances as known
        on known.wallet_address = c.wallet_address and known.token_address = c.token_address
    order by c.wallet_address, c.token_address
    on conflict (wallet_address, token_address) do update set
        balance = excluded.balance,
        token_symbol = excluded.token_symbol,
        last_updated = excluded.last_updated,
        (last_transaction_time, last_ledger_order) = (
            select p.transaction_time, p.ledger_order
            from (
                values
                (b.last_transaction_time, b.last_ledger_order),
                (excluded.last_transaction_time, excluded.last_ledger_order)
            ) as p (transaction_time, ledger_order)
            order by p.transaction_time desc, p.ledger_order desc
            limit 1
        );
end
$$;

comment on function book.write_balances(book.balance_change[], book.token_history[]) is
'Adds each change to its balance. The histories are those of the changed tokens. Raises insufficient_balance (TB002)
where one would be below zero.';
