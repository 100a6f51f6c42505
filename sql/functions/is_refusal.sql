-- Whether an error is what the input deserves (a rule of the book, a value or a constraint), not a failure of
-- the system.
create function book.is_refusal(code text)
returns boolean
language sql
immutable
strict
parallel safe
as $$
    select left(code, 2) in ('TB', '22', '23', '54')
$$;

comment on function book.is_refusal(text) is
'Whether an SQLSTATE says that the input is wrong: class TB, 22, 23 or 54.';
