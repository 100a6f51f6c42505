-- The rows of agent_positions after the last step of each token history. The state of the rules is that of a position
-- which begins with its last buy: the peak is the price of that, and the take-profit ladder what was held then.
create function book.positions_of(histories book.token_history[], steps book.position_step[])
returns public.agent_positions[]
language plpgsql
stable
as $$
begin
    return array(
        select row(
            (f.state).position_id,
            f.agent_id,
            f.wallet_address,
            f.token_address,
            f.token_symbol,
            (f.state).position_id,
            book.price_to_read((f.state).cost_basis_sol, (f.state).remaining_amount),
            (f.state).purchase_amount,
            null,
            nullif(f.buy_price, 0),
            nullif(f.buy_price, 0),
            null,
            greatest((f.state).buy_count - 1, 0),
            case
                when (f.state).buy_count > 1 then book.dca_transaction_ids(f.history, f.state, steps)
                else '{}'
            end,
            (f.state).last_dca_time,
            round((f.state).invested_sol, 8),
            (f.state).opened_at,
            now(),
            f.user_id,
            (f.state).signal_id,
            (f.state).remaining_amount,
            (f.state).invested_sol,
            (f.state).invested_usd,
            (f.state).cost_basis_sol,
            (f.state).cost_basis_usd,
            (f.state).realized_profit_sol,
            (f.state).realized_profit_usd,
            (f.state).buy_count,
            (f.state).last_sale_transaction_id,
            (f.state).managed,
            (f.state).is_closed,
            null,
            f.held_after_buy,
            0,
            null,
            null,
            null,
            null,
            null
        )::public.agent_positions
        from (
            select
                h as history,
                h.user_id,
                h.agent_id,
                h.wallet_address,
                h.token_address,
                h.token_symbol,
                case when s.wallet_address is null then h.start else s.state end as state,
                buy.price_sol as buy_price,
                buy.held_after as held_after_buy
            from unnest(histories) as h
            left join unnest(steps) as s
                on s.wallet_address = h.wallet_address and s.token_address = h.token_address and s.is_last
            left join (
                select distinct on (b.wallet_address, b.token_address)
                    b.wallet_address,
                    b.token_address,
                    (b.leg).price_sol,
                    (b.state).remaining_amount as held_after
                from unnest(steps) as b
                where (b.leg).kind = 'buy'
                order by b.wallet_address, b.token_address, (b.leg).transaction_time desc, b.ledger_order desc
            ) as buy on buy.wallet_address = h.wallet_address and buy.token_address = h.token_address
        ) as f
        where (f.state).remaining_amount > 0
    );
end
$$;

comment on function book.positions_of(book.token_history[], book.position_step[]) is
'The rows of agent_positions after the last step of each token history; none where nothing is held.';
