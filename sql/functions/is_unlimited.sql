-- Whether the caller sees the rows of every user: a superuser, or whoever has the rights of the tables' owner.
create function book.is_unlimited()
returns boolean
language plpgsql
stable
as $$
begin
    return pg_has_role(
        book.caller(),
        (
            select c.relowner from pg_catalog.pg_class as c
            where c.oid = 'public.agent_transactions'::regclass
        ),
        'usage'
    );
end
$$;

comment on function book.is_unlimited() is
'Whether the caller (book.caller) sees the rows of every user: a superuser, or one with the rights of the tables''
owner.';
