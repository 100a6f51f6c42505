-- gain / cost in percent for a column that only people read: 0 where cost is 0, held at numeric(10, 4)'s limits.
create function book.percent_to_read(gain numeric, cost numeric)
returns numeric
language sql
immutable
strict
parallel safe
as $$
    select case
        when cost = 0 then 0
        else greatest(least(round(book.round_quotient(gain * 100, cost), 4), 999999.9999), -999999.9999)
    end
$$;

comment on function book.percent_to_read(numeric, numeric) is
'gain / cost * 100 rounded at 4 decimals and held at the limits of numeric(10, 4); 0 where cost is 0.';
