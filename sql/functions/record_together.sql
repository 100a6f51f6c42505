-- Books transactions in one statement: all, or none.
--
-- requests: an array of what record_transaction takes. The caller holds the locks of the wallets. The error of one item
-- has its number, from 0, before the column.
create function book.record_together(owner uuid, requests jsonb)
returns table (item int, document json, is_replayed boolean)
language plpgsql
volatile
as $$
declare
    facts public.agent_transactions[] := '{}';
    known uuid[];
    repeats boolean[];
    code text;
    hint text;
    message text;
    details text;
    broken_constraint text;
    broken_column text;
begin
    begin
        for n in 1..jsonb_array_length(requests) loop
            item := n - 1;
            facts[n] := book.fact_from_json(owner, requests -> item, null);
        end loop;
        item := null;
        select
            r.known,
            r.repeats
        into known, repeats
        from book.record_facts(owner, facts) as r;
    exception
        when others then
            get stacked diagnostics
                code = returned_sqlstate,
                hint = pg_exception_hint,
                message = message_text,
                details = pg_exception_detail,
                broken_constraint = constraint_name,
                broken_column = column_name;
            if not book.is_refusal(code) then
                raise;
            end if;
            item := coalesce(item, book.refused_item(owner, facts, code, broken_constraint, details));
            select
                f.error,
                nullif(concat_ws('/', item, nullif(f.subject, '')), '')
            into hint, broken_column
            from book.refusal_of(code, hint, message, broken_constraint, broken_column) as f;
            raise exception using
                errcode = code,
                message = message,
                detail = details,
                hint = concat_ws(': ', hint, broken_column),
                constraint = broken_constraint,
                column = coalesce(broken_column, '');
    end;

    return query
    select
        i.n - 1,
        row_to_json(k),
        repeats[i.n]
    from generate_subscripts(known, 1) as i (n)
    inner join api.transactions as k on k.id = known[i.n]
    order by i.n;
end
$$;

comment on function book.record_together(uuid, jsonb) is
'Books transactions of a user in one statement, all or none: a row per item with its document. An error''s column is the
number of the item, from 0, and the column.';
