-- Stores one historical swap for each sale and burn among the steps, and removes those of voided facts.
--
-- Which sale closes a position that ends with a withdrawal is known only there: the last sale before the steps of its
-- history may become that one, or be it no longer.
create function book.write_historical_swaps(
    histories book.token_history[], steps book.position_step[], removed uuid[]
)
returns void
language plpgsql
volatile
as $$
begin
    delete from public.agent_historical_swaps as w where w.id = any (removed);

    update public.agent_historical_swaps as w
    set
        closes_position = closing.transaction_id is not null,
        position_closed_at = closing.transaction_time,
        position_closed_by = closing.transaction_id,
        position_invested_sol = (closing.state).invested_sol,
        position_invested_usd = (closing.state).invested_usd,
        position_profit_sol = (closing.state).realized_profit_sol,
        position_profit_usd = (closing.state).realized_profit_usd,
        position_purchase_amount = (closing.state).purchase_amount,
        position_buy_count = (closing.state).buy_count
    from unnest(histories) as h
    left join lateral (
        select
            (s.leg).transaction_id,
            (s.leg).transaction_time,
            s.state
        from unnest(steps) as s
        where
            (s.leg).kind = 'withdrawal'
            and (s.state).closes
            and (s.state).last_sale_transaction_id = (h.start).last_sale_transaction_id
    ) as closing on true
    where
        not (h.start).is_closed
        and w.id = (h.start).last_sale_transaction_id
        and (w.closes_position or closing.transaction_id is not null);

    insert into public.agent_historical_swaps
    select n.*
    from unnest(book.historical_swaps_of(steps)) as n
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
        position_profit_usd = excluded.position_profit_usd,
        position_purchase_amount = excluded.position_purchase_amount,
        position_buy_count = excluded.position_buy_count,
        position_closed_at = excluded.position_closed_at,
        position_closed_by = excluded.position_closed_by;
end
$$;

comment on function book.write_historical_swaps(book.token_history[], book.position_step[], uuid[]) is
'Stores one historical swap for each sale and burn among the steps; the last of a position that ended carries
its sums. Removes those of voided facts.';
