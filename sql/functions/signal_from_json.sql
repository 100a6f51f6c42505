-- A signal as a request that was checked states it: a row of trading_signals with what was stated, all else NULL.
create function book.signal_from_json(request jsonb)
returns public.trading_signals
language plpgsql
immutable
as $$
declare
    s public.trading_signals;
begin
    s.token_address := request ->> 'tokenAddress';
    s.symbol := request ->> 'symbol';
    s.signal_type := request ->> 'signalType';
    s.activation_reason := request ->> 'activationReason';
    s.signal_strength := (request ->> 'signalStrength')::int;
    s.source := request ->> 'source';
    s.market_cap_usd := request ->> 'marketCapUsd';
    s.liquidity_usd := request ->> 'liquidityUsd';
    s.holder_count := (request ->> 'holderCount')::int;
    return s;
end
$$;

comment on function book.signal_from_json(jsonb) is
'A row of trading_signals with what a request states that book.check_request has let through, all else NULL.';
