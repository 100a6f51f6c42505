-- A stop as agent_positions.current_stop_loss_percentage tells it, which ends at 999.99.
create function book.stop_percent(stop numeric, held numeric, cost numeric)
returns numeric
language sql
immutable
parallel safe
as $$
    select greatest(-100, least(999.99, round(book.gain_percent(stop, held, cost), 2)))
$$;

comment on function book.stop_percent(numeric, numeric, numeric) is
'Where a stop (SOL per token) lies, percent of the average cost of what is held (tokens, and their cost in SOL), -100 to
999.99. For reading: the stop itself is exact.';
