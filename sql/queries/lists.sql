-- Every list of the HTTP service; which there are, and what each may be asked, is in api.lists and api.request_fields.

-- name: list_page(list, owner, parameters, is_counted)^
-- A page of a list: body as JSON text, next_cursor and total, which are null where there is none.
select
    p.body::text as body,
    p.next_cursor,
    p.total
from book.list_page(:list::text, :owner::uuid, :parameters::jsonb, :is_counted::boolean) as p;

-- name: list_csv(list, owner, parameters)$
-- The statement that copies a list out as CSV.
select book.list_csv(:list::text, :owner::uuid, :parameters::jsonb);
