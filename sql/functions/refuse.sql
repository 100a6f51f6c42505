-- Raises the error of that name in report.error_codes. The one place where the book's errors are raised.
--
-- subject: the column that is wrong, as the caller knows it; NULL where no single one is. The hint has it too, since
-- psql shows the column to nobody who does not ask.
-- detail: JSON for programs, where more than one row is refused.
create function book.refuse(error_name text, subject text, explanation text, detail text default '')
returns void
language plpgsql
stable
as $$
declare
    code text := (select e.code from report.error_codes as e where e.name = error_name and e.code like 'TB%');
begin
    raise exception using
        errcode = code,
        message = explanation,
        detail = detail,
        column = coalesce(subject, ''),
        hint = concat_ws(': ', error_name, nullif(subject, ''));
end
$$;

comment on function book.refuse(text, text, text, text) is
'Raises the error of that name in report.error_codes, with the column that is wrong and an explanation.';
