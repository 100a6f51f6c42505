-- What requests may hold, parameters and bodies alike: book.check_request refuses all else, and the document of the
-- interface is made from it.
--
-- Kept, since every request reads it, and to read all rules anew costs more than most answers. It holds constants
-- alone, and is made again with the rest of the code.
--
-- A rule is [required] and a kind: uuid, time, boolean, json, amount, unsigned or positive (amounts from 0, above 0),
-- text LEAST..MOST (characters), integer
-- LEAST..MOST, choice A|B|..., or cursor; [] after it makes it an array. filter: the condition that a list's parameter
-- makes, on the row b; %s is its text. about: a description, or the table whose column of that name has it.
create materialized view api.request_fields as
with stated as (
    select
        f.request,
        f.field,
        f.rule,
        f.filter,
        f.about
    from (
        values
        ('agent_statistics', 'agentId', 'required uuid', null, 'agent_transactions'),
        ('agent_statistics', 'walletAddress', 'text 1..255', null, 'agent_transactions'),
        ('agent_statistics', 'timeframe', 'choice 24h|7d|30d|all', null, 'A period that ends now.'),
        ('agent_statistics', 'from', 'time', null, 'The start of the period, included.'),
        ('agent_statistics', 'to', 'time', null, 'The end of the period, not included.'),

        ('assign_wallet', 'agentId', 'required uuid', null, 'agent_wallets'),
        ('assign_wallet', 'walletAddress', 'required text 1..44', null, 'agent_wallets'),
        ('assign_wallet', 'walletType', 'required choice simulation|live', null, 'agent_wallets'),

        ('balance_history', 'agentId', 'required uuid', null, 'agent_transactions'),
        ('balance_history', 'walletAddress', 'text 1..255', null, 'agent_transactions'),
        ('balance_history', 'timeframe', 'choice 24h|7d|30d|all', null, 'A period that ends now.'),
        ('balance_history', 'from', 'time', null, 'The start of the period, included.'),
        ('balance_history', 'to', 'time', null, 'The end of the period, not included.'),
        (
            'balance_history', 'granularity', 'choice hour|day', null,
            'The last snapshot of each; hour unless told otherwise.'
        ),

        ('breakdown', 'agentId', 'required uuid', null, 'agent_transactions'),
        ('breakdown', 'walletAddress', 'text 1..255', null, 'agent_transactions'),
        ('breakdown', 'timeframe', 'choice 24h|7d|30d|all', null, 'A period that ends now.'),
        ('breakdown', 'from', 'time', null, 'The start of the period, included.'),
        ('breakdown', 'to', 'time', null, 'The end of the period, not included.'),
        (
            'breakdown', 'by',
            'required choice token|signal|signalType|source|closeReason|day|week|month', null, 'What makes a group.'
        ),

        (
            'change_password', 'currentPassword', 'required text 0..1000', null,
            'The password until now; a wrong one counts as a failed login.'
        ),
        (
            'change_password', 'newPassword', 'required text 0..1000', null,
            'The new one: 8 to 72 bytes, with an upper- and a lower-case letter, a digit, and something else.'
        ),

        ('claim_orders', 'executor', 'required text 1..100', null, 'Who claims them, by a name of his own.'),
        ('claim_orders', 'agentId', 'uuid', null, 'The orders of this agent alone.'),
        ('claim_orders', 'limit', 'integer 1..100', null, 'How many, at the most; 10 unless told otherwise.'),
        (
            'claim_orders', 'leaseSeconds', 'integer 5..120', null,
            'After how many seconds somebody else may claim them; 30 unless told otherwise.'
        ),

        (
            'close_position', 'priceSol', 'positive', null,
            'SOL per token; the latest price where it is not told.'
        ),

        ('create_agent', 'name', 'required text 1..255', null, 'agents'),
        ('create_agent', 'tradingMode', 'choice simulation|live', null, 'agents'),
        ('create_agent', 'automatedTradingSimulation', 'boolean', null, 'agents'),
        ('create_agent', 'automatedTradingLive', 'boolean', null, 'agents'),
        ('create_agent', 'tradingConfig', 'json', null, 'agents'),
        ('create_agent', 'simulationSlippageBps', 'integer 0..5000', null, 'agents'),
        ('create_agent', 'simulationFeeLamports', 'integer 0..1000000000', null, 'agents'),

        ('create_api_key', 'name', 'required text 1..100', null, 'api_keys'),
        (
            'create_api_key', 'scopes',
            'required choice signals|agents|positions|balances|transactions|history|trade|full_access|feed[]',
            null, 'What the key may do; feed is the operator''s, and refused.'
        ),

        ('create_trading_signal', 'tokenAddress', 'required text 1..255', null, 'trading_signals'),
        ('create_trading_signal', 'symbol', 'text 1..50', null, 'trading_signals'),
        ('create_trading_signal', 'signalType', 'required text 1..50', null, 'trading_signals'),
        ('create_trading_signal', 'activationReason', 'text 1..1000', null, 'trading_signals'),
        ('create_trading_signal', 'signalStrength', 'required integer 1..5', null, 'trading_signals'),
        ('create_trading_signal', 'source', 'text 1..100', null, 'trading_signals'),
        ('create_trading_signal', 'marketCapUsd', 'unsigned', null, 'trading_signals'),
        ('create_trading_signal', 'liquidityUsd', 'unsigned', null, 'trading_signals'),
        ('create_trading_signal', 'holderCount', 'integer 0..2147483647', null, 'trading_signals'),

        ('delete_agent', 'confirm', 'boolean', null, 'Whether a history may go too.'),

        ('describe_transaction', 'routes', 'json', null, 'agent_transactions'),
        ('describe_transaction', 'swapPayload', 'json', null, 'agent_transactions'),
        ('describe_transaction', 'slippage', 'amount', null, 'agent_transactions'),
        ('describe_transaction', 'priceImpact', 'amount', null, 'agent_transactions'),
        ('describe_transaction', 'transactionHash', 'text 1..255', null, 'agent_transactions'),

        ('execute_trade', 'agentId', 'required uuid', null, 'The agent; its simulation wallet buys.'),
        ('execute_trade', 'tokenAddress', 'required text 1..255', null, 'trade_orders'),
        ('execute_trade', 'symbol', 'text 1..20', null, 'Symbol of the token.'),
        (
            'execute_trade', 'amountSol', 'positive', null,
            'SOL that is spent, at the most: the size is that of a signal, or this where it is less.'
        ),

        ('explain_swap', 'swapId', 'required uuid', null, 'The historical swap.'),

        (
            'list_balances', 'at', 'time', null,
            'The instant; that of every balance is now without it. It wants an agentId.'
        ),
        ('fail_order', 'error', 'required text 1..500', null, 'Why it could not be executed.'),

        ('fill_order', 'transactionHash', 'required text 1..255', null, 'agent_transactions'),
        (
            'fill_order', 'inputAmount', 'positive', null,
            'What was given: SOL of a buy, tokens of a sale; the order''s amount unless told otherwise.'
        ),
        ('fill_order', 'outputAmount', 'required positive', null, 'What was received: tokens of a buy, SOL of a sale.'),
        ('fill_order', 'feesSol', 'unsigned', null, 'agent_transactions'),
        ('fill_order', 'valueUsd', 'unsigned', null, 'agent_transactions'),
        ('fill_order', 'transactionTime', 'time', null, 'When it happened on the chain; now unless told otherwise.'),
        ('fill_order', 'slippage', 'amount', null, 'agent_transactions'),
        ('fill_order', 'priceImpact', 'amount', null, 'agent_transactions'),
        ('fill_order', 'routes', 'json', null, 'agent_transactions'),
        ('fill_order', 'swapPayload', 'json', null, 'agent_transactions'),

        ('flag_dead_token', 'tokenAddress', 'required text 1..255', null, 'dead_tokens'),
        ('flag_dead_token', 'evidence', 'required text 1..1000', null, 'dead_tokens'),

        ('list_balances', 'agentId', 'uuid', 'b.agent_id = %s::uuid', 'agent_balances'),
        ('list_balances', 'walletAddress', 'text 1..255', 'b.wallet_address = %s', 'agent_balances'),
        ('list_balances', 'tokenAddress', 'text 1..255', 'b.token_address = %s', 'agent_balances'),

        ('list_balances_at', 'at', 'required time', null, 'The instant; what happened at it is included.'),
        ('list_balances_at', 'agentId', 'required uuid', null, 'agent_balances'),
        ('list_balances_at', 'walletAddress', 'text 1..255', 'b."walletAddress" = %s', 'agent_balances'),
        ('list_balances_at', 'tokenAddress', 'text 1..255', 'b."tokenAddress" = %s', 'agent_balances'),

        ('list_executions_of_signal', 'signalId', 'required integer 1..2147483647', null, 'signal_executions'),

        ('list_historical_swaps', 'agentId', 'uuid', 'b.agent_id = %s::uuid', 'agent_historical_swaps'),
        ('list_historical_swaps', 'walletAddress', 'text 1..255', 'b.wallet_address = %s', 'agent_historical_swaps'),
        ('list_historical_swaps', 'tokenAddress', 'text 1..255', 'b.token_address = %s', 'agent_historical_swaps'),
        ('list_historical_swaps', 'tokenSymbol', 'text 1..255', 'b.token_symbol = %s', 'agent_historical_swaps'),
        (
            'list_historical_swaps', 'startPurchaseTime', 'time', 'b.purchase_time >= %s::timestamptz',
            'Purchased at or after it.'
        ),
        (
            'list_historical_swaps', 'endPurchaseTime', 'time', 'b.purchase_time < %s::timestamptz',
            'Purchased before it.'
        ),
        ('list_historical_swaps', 'startSaleTime', 'time', 'b.sale_time >= %s::timestamptz', 'Sold at or after it.'),
        ('list_historical_swaps', 'endSaleTime', 'time', 'b.sale_time < %s::timestamptz', 'Sold before it.'),
        (
            'list_historical_swaps', 'signalId', 'integer 1..2147483647', 'b.signal_id = %s::int',
            'agent_historical_swaps'
        ),
        ('list_historical_swaps', 'closeReason', 'text 1..20', 'b.close_reason = %s', 'agent_historical_swaps'),
        (
            'list_historical_swaps', 'minProfitLossUsd', 'amount', 'b.profit_loss_usd >= %s::numeric',
            'The least gain in USD, included.'
        ),
        (
            'list_historical_swaps', 'maxProfitLossUsd', 'amount', 'b.profit_loss_usd < %s::numeric',
            'The gain in USD that all are below.'
        ),
        (
            'list_historical_swaps', 'search', 'text 1..255',
            'strpos(lower(concat_ws('' '', b.token_symbol, b.token_address, b.close_reason)), lower(%s)) > 0',
            'Text in the symbol, the mint or the reason, whatever its case.'
        ),

        ('list_position_actions', 'agentId', 'required uuid', 'b.agent_id = %s::uuid', 'position_actions'),
        ('list_position_actions', 'walletAddress', 'text 1..255', 'b.wallet_address = %s', 'position_actions'),
        ('list_position_actions', 'tokenAddress', 'text 1..255', 'b.token_address = %s', 'position_actions'),
        (
            'list_position_actions', 'rule', 'choice stop_loss|take_profit|stale_trade|dca|dead_token', 'b.rule = %s',
            'position_actions'
        ),
        (
            'list_position_actions', 'status', 'choice pending|ordered|success|failed|skipped', 'b.status = %s',
            'position_actions'
        ),

        ('list_positions', 'agentId', 'required uuid', 'b.agent_id = %s::uuid', 'agent_positions'),
        ('list_positions', 'walletAddress', 'text 1..255', 'b.wallet_address = %s', 'agent_positions'),
        ('list_positions', 'tokenAddress', 'text 1..255', 'b.token_address = %s', 'agent_positions'),

        ('list_signal_executions', 'agentId', 'uuid', 'b.agent_id = %s::uuid', 'signal_executions'),
        (
            'list_signal_executions', 'status', 'choice success|failed|skipped|pending', 'b.status = %s',
            'signal_executions'
        ),

        ('list_trade_orders', 'agentId', 'uuid', 'b.agent_id = %s::uuid', 'trade_orders'),
        ('list_trade_orders', 'walletAddress', 'text 1..255', 'b.wallet_address = %s', 'trade_orders'),
        ('list_trade_orders', 'tokenAddress', 'text 1..255', 'b.token_address = %s', 'trade_orders'),
        (
            'list_trade_orders', 'status', 'choice pending|claimed|filled|failed|expired', 'b.status = %s',
            'trade_orders'
        ),

        ('list_trades', 'agentId', 'required uuid', 'b.agent_id = %s::uuid', 'agent_historical_swaps'),
        ('list_trades', 'walletAddress', 'text 1..255', 'b.wallet_address = %s', 'agent_historical_swaps'),
        ('list_trades', 'tokenAddress', 'text 1..255', 'b.token_address = %s', 'agent_historical_swaps'),
        ('list_trades', 'from', 'time', 'b.closed_at >= %s::timestamptz', 'Ended at or after it.'),
        ('list_trades', 'to', 'time', 'b.closed_at < %s::timestamptz', 'Ended before it.'),

        ('list_trading_signals', 'tokenAddress', 'text 1..255', 'b.token_address = %s', 'trading_signals'),
        ('list_trading_signals', 'signalType', 'text 1..50', 'b.signal_type = %s', 'trading_signals'),
        ('list_trading_signals', 'startDate', 'time', 'b.created_at >= %s::timestamptz', 'Arrived at or after it.'),
        ('list_trading_signals', 'endDate', 'time', 'b.created_at < %s::timestamptz', 'Arrived before it.'),
        (
            'list_trading_signals', 'search', 'text 1..255',
            'strpos(lower(concat_ws('' '', b.symbol, b.token_address, b.signal_type, b.source, b.activation_reason)),'
            ' lower(%s)) > 0',
            'Text in the symbol, the mint, the type, the source or the reason, whatever its case.'
        ),

        ('list_transactions', 'agentId', 'uuid', 'b.agent_id = %s::uuid', 'agent_transactions'),
        ('list_transactions', 'walletAddress', 'text 1..255', 'b.wallet_address = %s', 'agent_transactions'),
        (
            'list_transactions', 'transactionType', 'choice DEPOSIT|WITHDRAWAL|SWAP|BURN',
            'b.transaction_type = %s::"TransactionType"', 'agent_transactions'
        ),
        (
            'list_transactions', 'tokenAddress', 'text 1..255', '%s in (b.input_mint, b.output_mint)',
            'A mint that it gave or received.'
        ),
        ('list_transactions', 'startTime', 'time', 'b.transaction_time >= %s::timestamptz', 'At or after it.'),
        ('list_transactions', 'endTime', 'time', 'b.transaction_time < %s::timestamptz', 'Before it.'),
        ('list_transactions', 'signalId', 'integer 1..2147483647', 'b.signal_id = %s::int', 'agent_transactions'),
        ('list_transactions', 'isDca', 'boolean', 'b.is_dca = %s::boolean', 'agent_transactions'),
        ('list_transactions', 'includeVoided', 'boolean', null, 'Whether voided ones are listed too.'),
        (
            'list_transactions', 'search', 'text 1..255',
            'strpos(lower(concat_ws('' '', b.input_symbol, b.output_symbol, b.input_mint, b.output_mint,'
            ' b.transaction_hash)), lower(%s)) > 0',
            'Text in a symbol, a mint or the signature, whatever its case.'
        ),

        ('list_wallets', 'agentId', 'required uuid', 'b.agent_id = %s::uuid', 'agent_wallets'),

        ('log_in', 'email', 'required text 1..255', null, 'The e-mail address, in whatever case.'),
        ('log_in', 'password', 'required text 0..1000', null, 'The password.'),
        ('log_in', 'rememberMe', 'boolean', null, 'Whether the refresh token lasts 30 days instead of 24 hours.'),

        ('performance_summary', 'agentId', 'required uuid', null, 'agent_transactions'),
        ('performance_summary', 'walletAddress', 'text 1..255', null, 'agent_transactions'),
        ('performance_summary', 'timeframe', 'choice 24h|7d|30d|all', null, 'A period that ends now.'),
        ('performance_summary', 'from', 'time', null, 'The start of the period, included.'),
        ('performance_summary', 'to', 'time', null, 'The end of the period, not included.'),

        ('refresh_session', 'refreshToken', 'required text 0..1000', null, 'The refresh token, good this once.'),

        ('record_batch', 'mode', 'choice atomic|each', null, 'atomic: all or none. each: one by one.'),

        ('record_prices', 'tokenAddress', 'required text 1..255', null, 'token_prices'),
        (
            'record_prices', 'source', 'text 1..100', null,
            'Who observed it; the source in force unless told otherwise.'
        ),
        ('record_prices', 'observedAt', 'required time', null, 'token_prices'),
        ('record_prices', 'priceSol', 'positive', null, 'SOL for one token; one of the two prices is enough.'),
        ('record_prices', 'priceUsd', 'positive', null, 'USD for one token; of SOL it is the one to state.'),

        ('record_transaction', 'id', 'uuid', null, 'agent_transactions'),
        ('record_transaction', 'agentId', 'required uuid', null, 'agent_transactions'),
        ('record_transaction', 'walletAddress', 'text 1..44', null, 'agent_transactions'),
        (
            'record_transaction', 'transactionType', 'required choice DEPOSIT|WITHDRAWAL|SWAP|BURN', null,
            'agent_transactions'
        ),
        ('record_transaction', 'transactionTime', 'required time', null, 'agent_transactions'),
        ('record_transaction', 'transactionHash', 'text 1..255', null, 'agent_transactions'),
        ('record_transaction', 'leg', 'integer 1..32767', null, 'agent_transactions'),
        ('record_transaction', 'inputMint', 'required text 1..255', null, 'agent_transactions'),
        ('record_transaction', 'inputSymbol', 'text 1..255', null, 'agent_transactions'),
        ('record_transaction', 'inputAmount', 'required positive', null, 'agent_transactions'),
        ('record_transaction', 'inputPrice', 'unsigned', null, 'agent_transactions'),
        ('record_transaction', 'outputMint', 'text 1..255', null, 'agent_transactions'),
        ('record_transaction', 'outputSymbol', 'text 1..255', null, 'agent_transactions'),
        ('record_transaction', 'outputAmount', 'positive', null, 'agent_transactions'),
        ('record_transaction', 'outputPrice', 'unsigned', null, 'agent_transactions'),
        ('record_transaction', 'fees', 'unsigned', null, 'agent_transactions'),
        ('record_transaction', 'feesSol', 'unsigned', null, 'agent_transactions'),
        ('record_transaction', 'feesUsd', 'unsigned', null, 'agent_transactions'),
        ('record_transaction', 'valueSol', 'unsigned', null, 'agent_transactions'),
        ('record_transaction', 'valueUsd', 'unsigned', null, 'agent_transactions'),
        ('record_transaction', 'transactionValueUsd', 'unsigned', null, 'agent_transactions'),
        ('record_transaction', 'destinationAddress', 'text 1..255', null, 'agent_transactions'),
        ('record_transaction', 'signalId', 'integer 1..2147483647', null, 'agent_transactions'),
        ('record_transaction', 'routes', 'json', null, 'agent_transactions'),
        ('record_transaction', 'swapPayload', 'json', null, 'agent_transactions'),
        ('record_transaction', 'slippage', 'amount', null, 'agent_transactions'),
        ('record_transaction', 'priceImpact', 'amount', null, 'agent_transactions'),
        ('record_transaction', 'closeReason', 'text 1..20', null, 'agent_transactions'),

        (
            'stream_events', 'agentId', 'uuid', null,
            'One agent''s alone, with the prices of what it holds, and signals.'
        ),
        (
            'stream_events', 'kind', 'choice transactions|positions|orders|signals|prices', null,
            'One kind alone; else all that the scopes reach.'
        ),
        (
            'stream_events', 'lastEventId', 'integer 0..9007199254740991', null,
            'The id after which to begin, as the header Last-Event-ID, which comes first; else from now on.'
        ),
        ('register', 'email', 'required text 1..255', null, 'users'),
        (
            'register', 'password', 'required text 0..1000', null,
            '8 to 72 bytes, with an upper- and a lower-case letter, a digit, and something else.'
        ),

        ('chain_balance', 'tokenAddress', 'required text 1..255', null, 'agent_balances'),
        ('chain_balance', 'balance', 'required unsigned', null, 'Whole tokens that the wallet has on the chain.'),
        (
            'chain_balance', 'valueUsd', 'unsigned', null,
            'What the difference is worth, USD; by the price that is known where it is not told.'
        ),
        ('reconcile_wallet', 'apply', 'boolean', null, 'Whether the differences are booked.'),

        (
            'reset_trading_config', 'path', 'text 1..255', null,
            'The setting, by the names that lead to it (dca.levels), with all below it; the whole config without it.'
        ),

        ('reset_wallet', 'confirm', 'boolean', null, 'Whether a history may go.'),
        (
            'reset_wallet', 'startingSol', 'positive', null,
            'What the wallet then has, SOL; settings.simulation_starting_sol unless told otherwise.'
        ),
        (
            'reset_wallet', 'valueUsd', 'unsigned', null,
            'What that is worth, USD; by the price of now where it is not told.'
        ),

        ('unassign_wallet', 'confirm', 'boolean', null, 'Whether a history may go too.'),

        ('update_agent', 'name', 'text 1..255', null, 'agents'),
        ('update_agent', 'tradingMode', 'choice simulation|live', null, 'agents'),
        ('update_agent', 'automatedTradingSimulation', 'boolean', null, 'agents'),
        ('update_agent', 'automatedTradingLive', 'boolean', null, 'agents'),
        ('update_agent', 'simulationSlippageBps', 'integer 0..5000', null, 'agents'),
        ('update_agent', 'simulationFeeLamports', 'integer 0..1000000000', null, 'agents'),

        ('update_trading_signal', 'tokenAddress', 'text 1..255', null, 'trading_signals'),
        ('update_trading_signal', 'symbol', 'text 1..50', null, 'trading_signals'),
        ('update_trading_signal', 'signalType', 'text 1..50', null, 'trading_signals'),
        ('update_trading_signal', 'activationReason', 'text 1..1000', null, 'trading_signals'),
        ('update_trading_signal', 'signalStrength', 'integer 1..5', null, 'trading_signals'),
        ('update_trading_signal', 'source', 'text 1..100', null, 'trading_signals'),
        ('update_trading_signal', 'marketCapUsd', 'unsigned', null, 'trading_signals'),
        ('update_trading_signal', 'liquidityUsd', 'unsigned', null, 'trading_signals'),
        ('update_trading_signal', 'holderCount', 'integer 0..2147483647', null, 'trading_signals'),

        ('void_transaction', 'reason', 'required text 1..500', null, 'Why; it is kept with the transaction.'),

        ('wallet_statement', 'walletAddress', 'required text 1..255', null, 'agent_transactions'),
        ('wallet_statement', 'from', 'time', null, 'The start of the period, included.'),
        ('wallet_statement', 'to', 'time', null, 'The end of the period, not included.')
    ) as f (request, field, rule, filter, about)
    union all
    select
        l.request,
        f.field,
        case f.field
            when 'sort' then 'choice ' || array_to_string(l.sorts, '|') || '|-' || array_to_string(l.sorts, '|-')
            else f.rule
        end,
        null,
        f.about
    from api.lists as l
    cross join (
        values
        ('limit', 'integer 1..1000', 'Rows of a page; 100 unless told otherwise. A CSV file has all rows.'),
        ('cursor', 'cursor', 'The place after which the page begins, from the Link header of the page before.'),
        ('offset', 'integer 0..2147483647', 'Rows that are left out first; a cursor costs less.'),
        ('sort', 'choice', 'The field to sort by; - is descending.')
    ) as f (field, rule, about)
),

all_stated as (
    select s.* from stated as s
    union all
    -- A file has all rows, and its times where its reader is.
    select
        replace(s.request, 'list_', 'export_'),
        s.field,
        s.rule,
        s.filter,
        s.about
    from stated as s
    where s.request in ('list_historical_swaps', 'list_trading_signals') and s.field <> 'cursor'
    union all
    select
        e.request,
        'timezone',
        'text 1..64',
        null,
        'The time zone of the times, by its name; UTC unless told otherwise.'
    from (values ('export_historical_swaps'), ('export_trading_signals')) as e (request)
    union all
    -- A correction is a whole new transaction, with a reason.
    select
        'correct_transaction',
        s.field,
        s.rule,
        s.filter,
        s.about
    from stated as s
    where s.request in ('record_transaction', 'void_transaction')
)

select
    s.request,
    s.field,
    p.parts[2] as kind,
    p.parts[1] is not null as is_required,
    p.parts[6] is not null as is_array,
    p.parts[3]::bigint as lowest,
    p.parts[4]::bigint as highest,
    string_to_array(p.parts[5], '|') as choices,
    s.filter,
    s.about
from all_stated as s
cross join lateral (
    select regexp_match(s.rule, '^(required )?([a-z]+)(?: ([0-9]+)\.\.([0-9]+)| ([A-Za-z|_0-9-]+))?(\[\])?$') as parts
) as p;

comment on materialized view api.request_fields is
'What the requests of the HTTP service may hold: their parameters, and the fields of their bodies.';
comment on column api.request_fields.request is 'Name of the request, the route and the named query.';
comment on column api.request_fields.field is 'The parameter or field.';
comment on column api.request_fields.kind is
'uuid, time (ISO 8601 with its zone), boolean, json, amount, unsigned and positive (decimal strings; from 0, above
0), text, integer, choice or cursor.';
comment on column api.request_fields.is_required is 'Whether it has to be there.';
comment on column api.request_fields.is_array is 'Whether it is an array of these.';
comment on column api.request_fields.lowest is
'The least number of characters of a text; the least value of an integer.';
comment on column api.request_fields.highest is 'The same, at the most.';
comment on column api.request_fields.choices is 'The texts that a choice may be.';
comment on column api.request_fields.filter is
'The condition that a parameter of a list makes, on the row b, where %s is its text; NULL where it makes none.';
comment on column api.request_fields.about is 'What it means, or the table whose column of that name says it.';
