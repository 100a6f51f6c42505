-- The name and the words of an error that book.is_refusal: those of report.error_codes, and the rule that was broken;
-- and the column that it is about.
create function book.refusal_of(
    code text,
    hint text,
    message text,
    broken_constraint text,
    broken_column text,
    out error text,
    out explanation text,
    out subject text
)
language plpgsql
stable
as $$
declare
    broken report.constraint_rules;
begin
    select r.* into broken
    from report.constraint_rules as r
    where r.constraint_name = broken_constraint;
    error := coalesce(
        nullif(split_part(hint, ': ', 1), ''),
        (select e.name from report.error_codes as e where e.code = refusal_of.code),
        code
    );
    explanation := coalesce(broken.rule, concat_ws(': ', nullif(broken_column, ''), message));
    subject := coalesce(nullif(broken_column, ''), broken.column_name);
end
$$;

comment on function book.refusal_of(text, text, text, text, text) is
'The name and the words of an error that is a refusal, and the column that it is about (NULL where no single one is),
from its SQLSTATE, hint, message, constraint and column.';
