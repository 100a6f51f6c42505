-- Stores the position after the last step of each token history, and removes those of which nothing is held.
--
-- The stop-loss state stays while the position does and starts anew with the next one.
create function book.write_positions(histories book.token_history[], steps book.position_step[])
returns void
language plpgsql
volatile
as $$
begin
    insert into public.agent_positions as p (
        id,
        user_id,
        agent_id,
        wallet_address,
        token_address,
        token_symbol,
        purchase_transaction_id,
        purchase_price,
        purchase_amount,
        dca_count,
        dca_transaction_ids,
        last_dca_time,
        total_invested_sol,
        created_at,
        signal_id,
        remaining_amount,
        invested_sol,
        invested_usd,
        cost_basis_sol,
        cost_basis_usd,
        realized_profit_sol,
        realized_profit_usd,
        buy_count,
        last_sale_transaction_id,
        managed,
        is_dust
    )
    select
        (s.state).position_id,
        s.user_id,
        s.agent_id,
        s.wallet_address,
        s.token_address,
        s.token_symbol,
        (s.state).position_id,
        book.price_to_read((s.state).cost_basis_sol, (s.state).remaining_amount),
        (s.state).purchase_amount,
        cardinality((s.state).dca_transaction_ids),
        (s.state).dca_transaction_ids,
        (s.state).last_dca_time,
        round((s.state).invested_sol, 8),
        (s.state).opened_at,
        (s.state).signal_id,
        (s.state).remaining_amount,
        (s.state).invested_sol,
        (s.state).invested_usd,
        (s.state).cost_basis_sol,
        (s.state).cost_basis_usd,
        (s.state).realized_profit_sol,
        (s.state).realized_profit_usd,
        (s.state).buy_count,
        (s.state).last_sale_transaction_id,
        (s.state).managed,
        (s.state).is_closed
    from unnest(steps) as s
    where s.is_last and (s.state).remaining_amount > 0
    on conflict (agent_id, wallet_address, token_address) do update set
        id = excluded.id,
        token_symbol = excluded.token_symbol,
        purchase_transaction_id = excluded.purchase_transaction_id,
        purchase_price = excluded.purchase_price,
        purchase_amount = excluded.purchase_amount,
        current_stop_loss_percentage = case when p.id = excluded.id then p.current_stop_loss_percentage end,
        peak_price = case when p.id = excluded.id then p.peak_price end,
        lowest_price = case when p.id = excluded.id then p.lowest_price end,
        last_stop_loss_update = case when p.id = excluded.id then p.last_stop_loss_update end,
        dca_count = excluded.dca_count,
        dca_transaction_ids = excluded.dca_transaction_ids,
        last_dca_time = excluded.last_dca_time,
        total_invested_sol = excluded.total_invested_sol,
        created_at = excluded.created_at,
        signal_id = excluded.signal_id,
        remaining_amount = excluded.remaining_amount,
        invested_sol = excluded.invested_sol,
        invested_usd = excluded.invested_usd,
        cost_basis_sol = excluded.cost_basis_sol,
        cost_basis_usd = excluded.cost_basis_usd,
        realized_profit_sol = excluded.realized_profit_sol,
        realized_profit_usd = excluded.realized_profit_usd,
        buy_count = excluded.buy_count,
        last_sale_transaction_id = excluded.last_sale_transaction_id,
        managed = excluded.managed,
        is_dust = excluded.is_dust;

    delete from public.agent_positions as p
    using (
        select
            h.agent_id,
            h.wallet_address,
            h.token_address
        from unnest(histories) as h
        except
        select
            s.agent_id,
            s.wallet_address,
            s.token_address
        from unnest(steps) as s
        where s.is_last and (s.state).remaining_amount > 0
    ) as gone
    where
        p.agent_id = gone.agent_id
        and p.wallet_address = gone.wallet_address
        and p.token_address = gone.token_address;
end
$$;

comment on function book.write_positions(book.token_history[], book.position_step[]) is
'Stores the position after the last step of each token history and removes those of which nothing is held.';
