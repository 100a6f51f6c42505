-- Corrects a transaction as a request says: the fields of the new one, and the reason.
create function book.correct_by_request(fact uuid, request jsonb)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
as $$
begin
    perform book.check_request(request, 'correct_transaction');
    return query
    select
        c.document,
        c.is_replayed
    from book.correct_transaction(fact, request - 'reason', request ->> 'reason') as c;
end
$$;

comment on function book.correct_by_request(uuid, jsonb) is
'Puts the transaction that a request states in the place of another, for its reason. Raises what book.check_request and
book.correct_transaction raise.';
