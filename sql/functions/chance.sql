-- A number of 0 up to below one million that follows from a text: chance that is the same every time.
create function book.chance(seed text)
returns int
language sql
immutable
strict
parallel safe
as $$
    select (('x' || left(encode(sha256(convert_to(seed, 'UTF8')), 'hex'), 12))::bit(48)::bigint % 1000000)::int
$$;

comment on function book.chance(text) is 'A number of 0 to 999999 that follows from a text.';
