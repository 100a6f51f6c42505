-- Books transactions one after the other; one that is refused leaves the others as they are.
--
-- requests: an array of what record_transaction takes. The caller holds the locks of the wallets.
create function book.record_each(owner uuid, requests jsonb)
returns table (
    item int, document json, is_replayed boolean, error text, explanation text, subject text
)
language plpgsql
volatile
as $$
declare
    request jsonb;
    hint text;
    message text;
    broken_constraint text;
    broken_column text;
begin
    for item, request in
        select
            e.ordinality - 1,
            e.value
        from jsonb_array_elements(requests) with ordinality as e
        order by e.ordinality
    loop
        document := null;
        is_replayed := false;
        error := null;
        explanation := null;
        subject := null;
        begin
            select
                r.document,
                r.is_replayed
            into document, is_replayed
            from book.record_transaction(owner, request, null) as r;
        exception
            when others then
                if not book.is_refusal(sqlstate) then
                    raise;
                end if;
                get stacked diagnostics
                    hint = pg_exception_hint,
                    message = message_text,
                    broken_constraint = constraint_name,
                    broken_column = column_name;
                select
                    f.error,
                    f.explanation
                into error, explanation
                from book.refusal_of(sqlstate, hint, message, broken_constraint, broken_column) as f;
                subject := coalesce(
                    nullif(broken_column, ''),
                    (select c.column_name from report.constraint_rules as c where c.constraint_name = broken_constraint)
                );
        end;
        return next;
    end loop;
end
$$;

comment on function book.record_each(uuid, jsonb) is
'Books transactions of a user one after the other, each by itself: a row per item with its document, or its error.';
