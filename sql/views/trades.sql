-- Trades: positions from open to closed, one row each, those with at least one sale or burn. In order of agent_id and
-- closed_at by an index.
create view report.trades with (security_invoker = true) as
select
    -- Equal to position_id, and what an index has.
    s.purchase_transaction_id as id,
    s.user_id,
    s.agent_id,
    s.wallet_address,
    s.token_address,
    s.token_symbol,
    s.signal_id,
    s.purchase_time as opened_at,
    s.position_closed_at as closed_at,
    extract(epoch from s.position_closed_at - s.purchase_time) as holding_seconds,
    (
        select case t.transaction_type when 'WITHDRAWAL' then 'withdrawal' when 'BURN' then 'burn' else 'sale' end
        from public.agent_transactions as t
        where t.agent_id = s.agent_id and t.id = s.position_closed_by
    ) as ended_by,
    s.close_reason,
    s.position_buy_count as buy_count,
    (
        select count(*)::int
        from public.agent_historical_swaps as k
        where
            k.purchase_transaction_id = s.purchase_transaction_id
            and (
                k.sale_time < s.position_closed_at
                -- Crumbs may be sold in the very second of the end.
                or k.sale_time = s.position_closed_at and (
                    select t.ledger_order from public.agent_transactions as t
                    where t.agent_id = k.agent_id and t.id = k.id
                ) <= (
                    select t.ledger_order from public.agent_transactions as t
                    where t.agent_id = s.agent_id and t.id = s.position_closed_by
                )
            )
    ) as sale_count,
    s.position_purchase_amount as purchase_amount,
    s.position_invested_sol as invested_sol,
    s.position_invested_usd as invested_usd,
    s.position_profit_sol as profit_sol,
    s.position_profit_usd as profit_usd,
    book.round_quotient(100 * s.position_profit_sol, nullif(s.position_invested_sol, 0)) as return_percent,
    case sign(s.position_profit_sol) when 1 then 'won' when 0 then 'drawn' else 'lost' end as outcome,
    s.id as closing_swap_id
from public.agent_historical_swaps as s
where s.closes_position;

comment on view report.trades is
'Trades: positions from open to closed, one row each. A position is closed when nothing or dust is left; one that left
by withdrawals alone, with no sale or burn, made no gain and is no trade. Crumbs sold after the end are in no trade.';
comment on column report.trades.id is 'The position: its opening transaction.';
comment on column report.trades.user_id is 'Whose it is.';
comment on column report.trades.agent_id is 'The agent.';
comment on column report.trades.wallet_address is 'The wallet.';
comment on column report.trades.token_address is 'Mint of the token.';
comment on column report.trades.token_symbol is 'Its symbol.';
comment on column report.trades.signal_id is 'The opening transaction''s signal.';
comment on column report.trades.opened_at is 'When the position opened.';
comment on column report.trades.closed_at is 'When it ended.';
comment on column report.trades.holding_seconds is 'closed_at - opened_at, seconds.';
comment on column report.trades.ended_by is
'What took the last of it: sale, burn, or withdrawal (of a rest, after a sale or burn).';
comment on column report.trades.close_reason is 'Why its last sale or burn was made.';
comment on column report.trades.buy_count is 'Its buys, the first included; a DEPOSIT is no buy.';
comment on column report.trades.sale_count is 'Its sales and burns.';
comment on column report.trades.purchase_amount is 'All tokens that it took in.';
comment on column report.trades.invested_sol is 'All cost that it took in, fees included, SOL.';
comment on column report.trades.invested_usd is 'All cost that it took in, fees included, USD.';
comment on column report.trades.profit_sol is 'Gain of all its sales and burns, SOL, exact.';
comment on column report.trades.profit_usd is 'Gain of all its sales and burns, USD, exact.';
comment on column report.trades.return_percent is
'100 * profit_sol / invested_sol, rounded at 18 decimals; NULL where nothing was invested.';
comment on column report.trades.outcome is 'won, drawn or lost: profit_sol above, at or below 0.';
comment on column report.trades.closing_swap_id is 'The row of agent_historical_swaps that carries these figures.';
