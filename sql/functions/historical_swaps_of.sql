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

        select book.historical_swap_row(
            t.fact, s.token_address, s.token_symbol, s.leg, s.state, s.closing_leg, s.closing
        )
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
            select k as fact
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
