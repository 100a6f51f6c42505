-- Trades as the HTTP service shows them: positions from open to closed.
create view api.trades with (security_invoker = true) as
select
    t.id,
    t.agent_id as "agentId",
    t.wallet_address as "walletAddress",
    t.token_address as "tokenAddress",
    t.token_symbol as "tokenSymbol",
    t.signal_id as "signalId",
    book.plain_time(t.opened_at) as "openedAt",
    book.plain_time(t.closed_at) as "closedAt",
    book.plain_number(t.holding_seconds) as "holdingSeconds",
    t.ended_by as "endedBy",
    t.close_reason as "closeReason",
    t.buy_count as "buyCount",
    t.sale_count as "saleCount",
    book.plain_number(t.purchase_amount) as "purchaseAmount",
    book.plain_number(t.invested_sol) as "investedSol",
    book.plain_number(t.invested_usd) as "investedUsd",
    book.plain_number(t.profit_sol) as "profitSol",
    book.plain_number(t.profit_usd) as "profitUsd",
    book.plain_number(t.return_percent) as "returnPercent",
    t.outcome,
    t.closing_swap_id as "closingSwapId",
    array(
        select k.transaction_id
        from report.trade_transactions as k
        where k.agent_id = t.agent_id and k.trade_id = t.id
        order by k.transaction_time, k.ledger_order
    ) as transactions
from report.trades as t;

comment on view api.trades is
'Trades as the HTTP service shows them, positions from open to closed: the columns are the fields of the JSON.';
comment on column api.trades.id is 'The position: its opening transaction.';
comment on column api.trades."tokenSymbol" is 'Its symbol.';
comment on column api.trades."signalId" is 'The opening transaction''s signal; NULL without one.';
comment on column api.trades."closeReason" is 'Why its last sale or burn was made; NULL where that is not told.';
comment on column api.trades."holdingSeconds" is 'closedAt less openedAt, seconds.';
comment on column api.trades."returnPercent" is
'100 * profitSol / investedSol, rounded at 18 decimals; NULL where nothing was invested.';
comment on column api.trades.transactions is
'The transactions from the one that opened the position to the one that ended it, first to last.';
