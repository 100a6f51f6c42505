-- What an event is about, as a document of now; NULL where it is there no more, as a position that was closed.
create function book.event_document(kind text, agent uuid, subject_id uuid, signal_id int, token text)
returns json
language plpgsql
stable
as $$
begin
    case kind
        when 'transactions' then
            -- With the agent, so that the one index is found that finds a row.
            return (select row_to_json(t) from api.transactions as t where t."agentId" = agent and t.id = subject_id);
        when 'positions' then
            return (select row_to_json(p) from api.positions as p where p.id = subject_id);
        when 'signals' then
            return (
                select json_build_object(
                    'id', s.id,
                    'tokenAddress', s.token_address,
                    'symbol', s.symbol,
                    'signalType', s.signal_type,
                    'activationReason', s.activation_reason,
                    'signalStrength', s.signal_strength,
                    'source', s.source,
                    'createdAt', book.plain_time(s.created_at),
                    'updatedAt', book.plain_time(s.updated_at)
                )
                from public.trading_signals as s
                where s.id = signal_id
            );
        when 'prices' then
            return (
                select json_build_object(
                    'tokenAddress', p.token_address,
                    'source', p.source,
                    'priceSol', book.plain_number(p.price_sol),
                    'priceUsd', book.plain_number(p.price_usd),
                    'observedAt', book.plain_time(p.observed_at)
                )
                from public.token_prices as p
                inner join public.settings as s on s.price_source = p.source
                where p.token_address = token
                order by p.observed_at desc
                limit 1
            );
        else
            return null;
    end case;
end
$$;

comment on function book.event_document(text, uuid, uuid, int, text) is
'The transaction, position, signal or latest price that an event is about, as it is now; NULL where it is there no
more.';
