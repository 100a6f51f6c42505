-- Signals as the HTTP service shows them.
create view api.trading_signals with (security_invoker = true) as
select
    s.id,
    s.user_id as "userId",
    s.token_address as "tokenAddress",
    s.symbol,
    s.signal_type as "signalType",
    s.activation_reason as "activationReason",
    s.signal_strength as "signalStrength",
    s.source,
    book.plain_number(s.market_cap_usd) as "marketCapUsd",
    book.plain_number(s.liquidity_usd) as "liquidityUsd",
    s.holder_count as "holderCount",
    book.plain_time(s.created_at) as "createdAt",
    book.plain_time(s.updated_at) as "updatedAt"
from public.trading_signals as s;

comment on view api.trading_signals is
'Signals as the HTTP service shows them: the columns are the fields of the JSON.';
