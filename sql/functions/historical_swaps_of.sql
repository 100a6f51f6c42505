-- The rows of agent_historical_swaps for the sales and burns among steps of the fold.
--
-- A position that ends with a sale is closed by it; one that ends with a withdrawal, by the last sale before that. In
-- the order of the steps: where another sale becomes that last one, the former is written first and gives it up.
create function book.historical_swaps_of(steps book.position_step[])
returns public.agent_historical_swaps[]
language plpgsql
stable
as $$
begin
    return array(
        -- Found once: else each sale would go through all steps.
        with ended_by_withdrawal as materialized (
            select
                w.state,
                w.leg
            from unnest(steps) as w
            where (w.leg).kind = 'withdrawal' and (w.state).closes
        )

        select row(
            t.id,
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
            now(),
            s.user_id,
            (s.state).position_id,
            (s.state).released_sol,
            (s.state).released_usd,
            (s.leg).value_sol,
            (s.leg).value_usd,
            (s.closing).position_id is not null,
            (s.closing).invested_sol,
            (s.closing).invested_usd,
            (s.closing).realized_profit_sol,
            (s.closing).realized_profit_usd,
            (s.closing).purchase_amount,
            (s.closing).buy_count,
            (s.closing_leg).transaction_time,
            (s.closing_leg).transaction_id
        )::public.agent_historical_swaps
        from (
            select
                n.*,
                case when (n.state).closes then n.state else e.state end as closing,
                case when (n.state).closes then n.leg else e.leg end as closing_leg
            from unnest(steps) with ordinality as n
            left join ended_by_withdrawal as e
                on (n.leg).transaction_id = (e.state).last_sale_transaction_id
            where (n.leg).kind in ('sell', 'burn')
        ) as s
        -- Each by its key: else a planner that believes the table empty reads all of it for each sale.
        cross join lateral (
            select
                k.id,
                k.transaction_time,
                k.value_sol,
                k.close_reason
            from public.agent_transactions as k
            where k.agent_id = s.agent_id and k.id = (s.leg).transaction_id
            offset 0
        ) as t
        order by s.ordinality
    );
end
$$;

comment on function book.historical_swaps_of(book.position_step[]) is
'The rows of agent_historical_swaps for the sales and burns among steps of the fold.';
