-- The name and the words of an error that book.is_refusal: those of report.error_codes, and the rule that was broken.
create function book.refusal_of(
    code text,
    hint text,
    message text,
    broken_constraint text,
    subject text,
    out error text,
    out explanation text
)
language plpgsql
stable
as $$
begin
    error := coalesce(
        nullif(hint, ''),
        (select e.name from report.error_codes as e where e.code = refusal_of.code),
        code
    );
    explanation := coalesce(
        (select r.rule from report.constraint_rules as r where r.constraint_name = broken_constraint),
        concat_ws(': ', nullif(subject, ''), message)
    );
end
$$;

comment on function book.refusal_of(text, text, text, text, text) is
'The name and the words of an error that is a refusal, from its SQLSTATE, hint, message, constraint and
column.';
