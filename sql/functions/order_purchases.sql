-- Makes the orders of those pending executions of a signal that have a size and a live wallet among the given ones.
--
-- price: SOL per token. The caller holds the locks of the wallets.
create function book.order_purchases(
    s public.trading_signals, wallets text[], price numeric, at timestamptz
)
returns void
language plpgsql
volatile
as $$
begin
    with ordered as (
        insert into public.trade_orders (
            user_id,
            agent_id,
            wallet_address,
            token_address,
            token_symbol,
            side,
            reason,
            signal_id,
            amount,
            price_sol,
            max_price_impact,
            created_at,
            expires_at,
            updated_at
        )
        select
            a.user_id,
            a.id,
            w.wallet_address,
            s.token_address,
            left(coalesce(s.symbol, book.symbol_of(w.wallet_address, s.token_address)), 20),
            'buy',
            'signal',
            s.id,
            e.size_sol,
            price,
            (coalesce(a.trading_rules, book.default_trading_rules()) -> 'purchaseLimits' ->> 'maxPriceImpact')::numeric,
            at,
            at + t.order_lifetime,
            at
        from public.signal_executions as e
        inner join public.agents as a on a.id = e.agent_id
        inner join public.agent_wallets as w on w.agent_id = a.id and w.wallet_type = a.trading_mode
        cross join public.settings as t
        where
            e.signal_id = s.id
            and e.status = 'pending'
            and e.size_sol is not null
            and e.order_id is null
            and w.wallet_type = 'live'
            and w.wallet_address = any (wallets)
        order by a.id
        returning id, agent_id
    )

    update public.signal_executions as e
    set order_id = o.id
    from ordered as o
    where e.signal_id = s.id and e.agent_id = o.agent_id;
end
$$;

comment on function book.order_purchases(public.trading_signals, text[], numeric, timestamptz) is
'Makes the orders of pending executions of a signal whose wallet is live. price: SOL per token. at: now.';
