-- The hour of the demo at which one of its tokens turns out to be worth nothing.
create function book.demo_rug_hour(days int)
returns int
language sql
immutable
strict
parallel safe
as $$
    select days * 24 * 6 / 10
$$;

comment on function book.demo_rug_hour(int) is
'The hour of a demo of so many days at which one of its tokens turns out to be worth nothing.';
