-- Books transactions one after the other; one that is refused leaves the others as they are.
--
-- requests: an array of what record_transaction takes, numbered from first_item. The caller holds the locks of the
-- wallets. Those that come in order are booked together, which comes to the same and costs far less; where one of them
-- is refused, or they do not, halving finds the ones that do.
create function book.record_each(owner uuid, requests jsonb, first_item int default 0)
returns table (
    item int, document json, is_replayed boolean, error text, explanation text, subject text
)
language plpgsql
volatile
as $$
declare
    half constant int := jsonb_array_length(requests) / 2;
    facts public.agent_transactions[] := '{}';
    known uuid[];
    repeats boolean[];
    hint text;
    message text;
    broken_constraint text;
    broken_column text;
begin
    begin
        for n in 1..jsonb_array_length(requests) loop
            facts[n] := book.fact_from_json(owner, requests -> n - 1, null);
        end loop;
        if half = 0 or book.comes_in_order(facts) then
            select
                r.known,
                r.repeats
            into known, repeats
            from book.record_facts(owner, facts) as r;
        end if;
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
                f.explanation,
                f.subject
            into error, explanation, subject
            from book.refusal_of(sqlstate, hint, message, broken_constraint, broken_column) as f;
    end;

    if known is not null then
        return query
        select
            first_item + i.n - 1,
            row_to_json(k),
            repeats[i.n],
            null::text,
            null::text,
            null::text
        from generate_subscripts(known, 1) as i (n)
        inner join api.transactions as k on k.id = known[i.n]
        order by i.n;
    elsif half = 0 then
        return query select first_item, null::json, false, error, explanation, subject;
    else
        return query
        select r.*
        from book.record_each(
            owner,
            jsonb_path_query_array(requests, '$[0 to $last]', jsonb_build_object('last', half - 1)),
            first_item
        ) as r;
        return query
        select r.*
        from book.record_each(
            owner,
            jsonb_path_query_array(requests, '$[$first to last]', jsonb_build_object('first', half)),
            first_item + half
        ) as r;
    end if;
end
$$;

comment on function book.record_each(uuid, jsonb, int) is
'Books transactions of a user one after the other, each by itself: a row per item with its document, or its error.';
