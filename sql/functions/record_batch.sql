-- Books up to 10,000 transactions as the HTTP service answers it: book.record_transactions.
create function book.record_batch(owner uuid, requests jsonb, parameters jsonb)
returns setof api.batch_results
language plpgsql
volatile
as $$
declare
    asked constant jsonb := book.read_parameters(parameters, 'record_batch');
begin
    return query
    select
        r.item,
        r.document::api.transactions_json,
        coalesce(r.is_replayed, false),
        r.error,
        r.explanation,
        '/' || r.item || '/' || book.field_name(nullif(r.subject, ''))
    from book.record_transactions(owner, requests, coalesce(asked ->> 'mode', 'atomic') = 'each') as r
    order by r.item;
end
$$;

comment on function book.record_batch(uuid, jsonb, jsonb) is
'Books 1 to 10,000 transactions of a user: what became of each, in order. parameters: mode, atomic (all or none) or each
(one by one). Raises what book.record_transactions and book.read_parameters raise.';
