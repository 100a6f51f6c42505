-- Changes the fields of a user's signal that a request has; null empties one that may be empty.
create function book.update_trading_signal(owner uuid, signal int, request jsonb)
returns json
language plpgsql
volatile
as $$
declare
    stated public.trading_signals;
begin
    perform book.check_request(request, 'update_trading_signal');
    perform book.take_signal(owner, signal);
    stated := book.signal_from_json(request);
    update public.trading_signals as s
    set
        token_address = coalesce(stated.token_address, s.token_address),
        symbol = case when request ? 'symbol' then stated.symbol else s.symbol end,
        signal_type = coalesce(stated.signal_type, s.signal_type),
        activation_reason = case
            when request ? 'activationReason' then stated.activation_reason else s.activation_reason
        end,
        signal_strength = coalesce(stated.signal_strength, s.signal_strength),
        source = case when request ? 'source' then stated.source else s.source end,
        market_cap_usd = case when request ? 'marketCapUsd' then stated.market_cap_usd else s.market_cap_usd end,
        liquidity_usd = case when request ? 'liquidityUsd' then stated.liquidity_usd else s.liquidity_usd end,
        holder_count = case when request ? 'holderCount' then stated.holder_count else s.holder_count end
    where s.id = signal;
    return (select row_to_json(k) from api.trading_signals as k where k.id = signal);
end
$$;

comment on function book.update_trading_signal(uuid, int, jsonb) is
'Changes the fields of a user''s signal that a request has; it as a document. Raises signal_was_acted_on (TB036),
signal_duplicate (TB035), and what book.take_signal and book.check_request raise.';
