-- How far a price lies above the average cost of what is held, in percent of it: exact until it is rounded once.
create function book.gain_percent(price numeric, held numeric, cost numeric)
returns numeric
language sql
immutable
parallel safe
as $$
    select book.round_quotient(100 * (price * held - cost), cost)
$$;

comment on function book.gain_percent(numeric, numeric, numeric) is
'How far a price (SOL per token) lies above the average cost of what is held (tokens, and their cost in SOL), percent.
A cost of zero is error 22012.';
