-- Stores one historical swap for each sale and burn among the steps, and removes those of refolded histories that are
-- no longer there.
--
-- A position that ends with a sale is closed by it; one that ends with a withdrawal, by the last sale before that.
create function book.write_historical_swaps(histories book.token_history[], steps book.position_step[])
returns void
language plpgsql
volatile
as $$
begin
    delete from public.agent_historical_swaps as w
    using unnest(histories) as h
    where
        h.is_refolded
        and w.agent_id = h.agent_id
        and w.wallet_address = h.wallet_address
        and w.token_address = h.token_address
        and w.id <> all (array(
            select (s.leg).transaction_id from unnest(steps) as s where (s.leg).kind in ('sell', 'burn')
        ));

    insert into public.agent_historical_swaps (
        id,
        user_id,
        agent_id,
        wallet_address,
        token_address,
        token_symbol,
        amount,
        purchase_price,
        sale_price,
        change_percent,
        profit_loss_usd,
        profit_loss_sol,
        purchase_time,
        sale_time,
        purchase_transaction_id,
        sale_transaction_id,
        signal_id,
        close_reason,
        position_id,
        cost_basis_sol,
        cost_basis_usd,
        proceeds_sol,
        proceeds_usd,
        closes_position,
        position_invested_sol,
        position_invested_usd,
        position_profit_sol,
        position_profit_usd
    )
    select
        t.id,
        s.user_id,
        s.agent_id,
        s.wallet_address,
        s.token_address,
        s.token_symbol,
        (s.leg).amount,
        book.price_to_read((s.state).released_sol, (s.leg).amount),
        case (s.leg).kind when 'burn' then 0 else book.price_to_read(t.value_sol, (s.leg).amount) end,
        book.percent_to_read((s.leg).value_sol - (s.state).released_sol, (s.state).released_sol),
        round((s.leg).value_usd - (s.state).released_usd, 8),
        round((s.leg).value_sol - (s.state).released_sol, 8),
        (s.state).opened_at,
        t.transaction_time,
        (s.state).position_id,
        t.id,
        (s.state).signal_id,
        case (s.leg).kind when 'burn' then coalesce(t.close_reason, 'burn') else t.close_reason end,
        (s.state).position_id,
        (s.state).released_sol,
        (s.state).released_usd,
        (s.leg).value_sol,
        (s.leg).value_usd,
        (s.state).closes,
        case when (s.state).closes then (s.state).invested_sol end,
        case when (s.state).closes then (s.state).invested_usd end,
        case when (s.state).closes then (s.state).realized_profit_sol end,
        case when (s.state).closes then (s.state).realized_profit_usd end
    from unnest(steps) as s
    inner join public.agent_transactions as t on t.agent_id = s.agent_id and t.id = (s.leg).transaction_id
    where (s.leg).kind in ('sell', 'burn')
    on conflict (id) do update set
        purchase_price = excluded.purchase_price,
        change_percent = excluded.change_percent,
        profit_loss_usd = excluded.profit_loss_usd,
        profit_loss_sol = excluded.profit_loss_sol,
        purchase_time = excluded.purchase_time,
        purchase_transaction_id = excluded.purchase_transaction_id,
        signal_id = excluded.signal_id,
        position_id = excluded.position_id,
        cost_basis_sol = excluded.cost_basis_sol,
        cost_basis_usd = excluded.cost_basis_usd,
        closes_position = excluded.closes_position,
        position_invested_sol = excluded.position_invested_sol,
        position_invested_usd = excluded.position_invested_usd,
        position_profit_sol = excluded.position_profit_sol,
        position_profit_usd = excluded.position_profit_usd;

    update public.agent_historical_swaps as w
    set
        closes_position = true,
        position_invested_sol = (s.state).invested_sol,
        position_invested_usd = (s.state).invested_usd,
        position_profit_sol = (s.state).realized_profit_sol,
        position_profit_usd = (s.state).realized_profit_usd
    from unnest(steps) as s
    where
        (s.leg).kind = 'withdrawal'
        and (s.state).closes
        and w.agent_id = s.agent_id
        and w.id = (s.state).last_sale_transaction_id;
end
$$;

comment on function book.write_historical_swaps(book.token_history[], book.position_step[]) is
'Stores one historical swap for each sale and burn among the steps; the last of a position that ended carries
its sums.';
