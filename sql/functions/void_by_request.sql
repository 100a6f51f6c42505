-- Voids a transaction as a request says: book.void_transaction.
create function book.void_by_request(fact uuid, request jsonb)
returns json
language plpgsql
volatile
as $$
begin
    perform book.check_request(request, 'void_transaction');
    return book.void_transaction(fact, request ->> 'reason');
end
$$;

comment on function book.void_by_request(uuid, jsonb) is
'Voids a transaction for the reason that a request says; it as a document. Raises what book.check_request and
book.void_transaction raise.';
