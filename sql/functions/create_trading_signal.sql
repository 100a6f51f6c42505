-- Makes a signal of a user, or, where the owner is NULL, of the operator for everyone; or answers with the one that it
-- repeats.
--
-- request: api.request_fields has its fields. A repeat has the same Idempotency-Key and the same content.
create function book.create_trading_signal(owner uuid, request jsonb, idempotency_key uuid)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
as $$
declare
    s public.trading_signals;
    known public.trading_signals;
    different text;
begin
    perform book.check_request(request, 'create_trading_signal');
    s := book.signal_from_json(request);
    perform book.take_signals_turn(owner);
    select k.* into known
    from public.trading_signals as k
    where k.user_id is not distinct from owner and k.idempotency_key = create_trading_signal.idempotency_key;
    is_replayed := known.id is not null;
    if is_replayed then
        different := case
            when s.token_address is distinct from known.token_address then 'token_address'
            when s.symbol is distinct from known.symbol then 'symbol'
            when s.signal_type is distinct from known.signal_type then 'signal_type'
            when s.activation_reason is distinct from known.activation_reason then 'activation_reason'
            when s.signal_strength is distinct from known.signal_strength then 'signal_strength'
            when s.source is distinct from known.source then 'source'
            when s.market_cap_usd is distinct from known.market_cap_usd then 'market_cap_usd'
            when s.liquidity_usd is distinct from known.liquidity_usd then 'liquidity_usd'
            when s.holder_count is distinct from known.holder_count then 'holder_count'
        end;
        if different is not null then
            perform book.refuse('repeat_differs', different, format(
                'signal %s of that Idempotency-Key has another %s', known.id, different
            ));
        end if;
    else
        insert into public.trading_signals (
            token_address,
            symbol,
            signal_type,
            activation_reason,
            signal_strength,
            source,
            market_cap_usd,
            liquidity_usd,
            holder_count,
            user_id,
            idempotency_key
        )
        values (
            s.token_address,
            s.symbol,
            s.signal_type,
            s.activation_reason,
            s.signal_strength,
            s.source,
            s.market_cap_usd,
            s.liquidity_usd,
            s.holder_count,
            owner,
            create_trading_signal.idempotency_key
        )
        returning id into known.id;
    end if;
    document := (select row_to_json(k) from api.trading_signals as k where k.id = known.id);
    return next;
end
$$;

comment on function book.create_trading_signal(uuid, jsonb, uuid) is
'Makes a signal of a user, NULL the operator''s for everyone: it as a document, and whether it had been made before.
Raises signal_duplicate (TB035), repeat_differs (TB008) and what book.check_request raises.';
