-- The lists that the HTTP service answers, and how each is made: read by book.list_statement. Kept, as the fields of
-- requests are.
create materialized view api.lists as
select
    l.request,
    l.documents,
    l.is_joined,
    l.needs_agent,
    l.source,
    l.key,
    l.tie,
    l.condition,
    l.default_sort,
    l.sorts
from (
    values
    (
        'breakdown', 'breakdown', false, true, 'book.breakdown_of(%1$s) as b', 'place', 'place', 'true',
        'place', array['place']
    ),
    (
        'explain_swap', 'explanation_lines', false, false, 'book.explanation_of(%1$s) as b', 'line', 'line', 'true',
        'line', array['line']
    ),
    (
        'list_agents', 'agents', true, false, 'public.agents as b', 'id', 'id',
        'b.user_id = (%1$s ->> ''owner'')::uuid',
        '-createdAt', array['createdAt', 'name']
    ),
    (
        'list_api_keys', 'api_keys', true, false, 'public.api_keys as b', 'id', 'id',
        'b.user_id = (%1$s ->> ''owner'')::uuid',
        '-createdAt', array['createdAt', 'name']
    ),
    (
        'list_balances', 'balances', true, false, 'public.agent_balances as b', 'id', 'id',
        'b.user_id = (%1$s ->> ''owner'')::uuid',
        '-lastUpdated', array['lastUpdated', 'tokenSymbol']
    ),
    (
        'list_balances_at', 'balances', false, true, 'api.balances_at(%1$s) as b', 'id', 'id', 'true',
        '-lastUpdated', array['lastUpdated', 'tokenSymbol']
    ),
    (
        'list_historical_swaps', 'historical_swaps', true, false, 'public.agent_historical_swaps as b', 'id', 'id',
        'b.user_id = (%1$s ->> ''owner'')::uuid',
        '-saleTime', array['saleTime', 'purchaseTime', 'profitLossSol', 'profitLossUsd', 'changePercent']
    ),
    (
        'list_positions', 'positions', true, true, 'public.agent_positions as b', 'id', 'id',
        'b.user_id = (%1$s ->> ''owner'')::uuid',
        '-createdAt', array['createdAt', 'costBasisSol', 'tokenSymbol']
    ),
    (
        'list_executions_of_signal', 'signal_executions', true, false, 'book.executions_of_signal(%1$s) as b',
        'id', 'id', 'true',
        '-executedAt', array['executedAt']
    ),
    (
        'list_signal_executions', 'signal_executions', true, false, 'public.signal_executions as b', 'id', 'id',
        'b.agent_id = any (array(select a.id from public.agents as a where a.user_id = (%1$s ->> ''owner'')::uuid))',
        '-executedAt', array['executedAt']
    ),
    (
        'list_position_actions', 'position_actions', true, true, 'public.position_actions as b', 'id', 'id',
        'b.user_id = (%1$s ->> ''owner'')::uuid',
        '-decidedAt', array['decidedAt']
    ),
    (
        'list_trade_orders', 'trade_orders', true, false, 'public.trade_orders as b', 'id', 'id',
        'b.user_id = (%1$s ->> ''owner'')::uuid',
        '-createdAt', array['createdAt', 'updatedAt']
    ),
    (
        'list_trades', 'trades', true, true, 'report.trades as b', 'id', 'id',
        'b.user_id = (%1$s ->> ''owner'')::uuid',
        '-closedAt', array['closedAt', 'openedAt', 'profitSol', 'profitUsd']
    ),
    (
        'list_trading_signals', 'trading_signals', true, false, 'public.trading_signals as b', 'id', 'id',
        '(b.user_id is null or b.user_id = (%1$s ->> ''owner'')::uuid)',
        '-createdAt', array['createdAt', 'signalStrength']
    ),
    (
        'list_transactions', 'transactions', true, false, 'public.agent_transactions as b', 'id', 'ledgerOrder',
        'b.user_id = (%1$s ->> ''owner'')::uuid'
        ' and (b.voided_at is null or (%1$s ->> ''includeVoided'')::boolean)',
        '-transactionTime', array['transactionTime', 'createdAt', 'transactionValueUsd']
    ),
    (
        'list_wallets', 'wallets', true, true, 'public.agent_wallets as b', 'walletAddress', 'walletAddress',
        'b.agent_id = any (array(select a.id from public.agents as a where a.user_id = (%1$s ->> ''owner'')::uuid))',
        '-createdAt', array['createdAt']
    ),
    (
        'wallet_statement', 'statement_lines', false, false, 'book.statement_of(%1$s) as b', 'line', 'line', 'true',
        'line', array['line']
    )
) as l (request, documents, is_joined, needs_agent, source, key, tie, condition, default_sort, sorts);

comment on materialized view api.lists is
'The lists that the HTTP service answers. What their requests may hold is in api.request_fields.';
comment on column api.lists.request is 'Name of the request, the route and the named query.';
comment on column api.lists.documents is
'The view or type of schema api that the answers are rows of.';
comment on column api.lists.is_joined is
'Whether the documents are looked up by the source''s key; else its rows are the documents.';
comment on column api.lists.needs_agent is
'Whether its path names an agent, which the user has to have.';
comment on column api.lists.source is
'What is filtered and sorted, by the name b. %1$s in it is the parameters, a jsonb.';
comment on column api.lists.key is
'The field that names a row.';
comment on column api.lists.tie is 'The field that orders rows of one sort value; no two rows have the same.';
comment on column api.lists.condition is 'Which rows there are without any filter: the user''s. %1$s as in source.';
comment on column api.lists.default_sort is 'The order without the parameter sort; - is descending.';
comment on column api.lists.sorts is
'The fields that the list can be sorted by, in both directions. None of their columns is ever NULL.';
