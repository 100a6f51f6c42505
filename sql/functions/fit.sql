-- The value, if a column of that many digits before the point can hold it; else amount_out_of_range, naming the column.
create function book.fit(value numeric, integer_digits int, subject text)
returns numeric
language plpgsql
immutable
strict
as $$
begin
    if abs(value) >= power(10::numeric, integer_digits) then
        perform book.refuse('amount_out_of_range', subject, format(
            '%s is %s: it has to be below 10^%s', subject, book.plain_number(value), integer_digits
        ));
    end if;
    return value;
end
$$;

comment on function book.fit(numeric, int, text) is
'The value, or amount_out_of_range (TB004) where it needs more than that many digits before the point.';
