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
        when 'orders' then
            return (select row_to_json(o) from api.trade_orders as o where o."agentId" = agent and o.id = subject_id);
        when 'signals' then
            return (select row_to_json(s) from api.trading_signals as s where s.id = signal_id);
        when 'prices' then
            return (select row_to_json(p) from book.get_price(token) as p where p."tokenAddress" is not null);
        else
            return null;
    end case;
end
$$;

comment on function book.event_document(text, uuid, uuid, int, text) is
'The transaction, position, order, signal or latest price that an event is about, as it is now; NULL where it is there
no more.';
