-- Whether the statement runs with the book's rights, inside one of its own functions.
create function book.is_the_book()
returns boolean
language plpgsql
stable
as $$
begin
    return current_user = (
        select pg_get_userbyid(p.proowner) from pg_catalog.pg_proc as p
        where p.oid = 'book.tg_agent_transactions__post()'::regprocedure
    );
end
$$;

comment on function book.is_the_book() is
'Whether the statement runs with the rights of the role that owns the book''s functions.';
