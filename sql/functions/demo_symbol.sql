-- The symbols of the demo's made-up tokens.
create function book.demo_symbol(n int)
returns text
language sql
immutable
strict
parallel safe
as $$
    select (array[
        'OTTER', 'HERON', 'MOLE', 'FINCH', 'BADGER', 'NEWT', 'WREN', 'STOAT', 'TERN', 'VOLE', 'ROBIN', 'TOAD'
    ])[n]
$$;

comment on function book.demo_symbol(int) is 'Symbol of demo token 1 to 12.';
