-- Books simulated trades, together where that can be. One that is refused is undone alone: halving finds it.
--
-- The caller holds the locks of the wallets. Answers those that were refused, by their ids.
create function book.fill_simulated(facts public.agent_transactions[])
returns table (fact_id uuid, error text, explanation text)
language plpgsql
volatile
as $$
declare
    half constant int := cardinality(facts) / 2;
    hint text;
    message text;
    broken_constraint text;
    broken_column text;
begin
    if cardinality(facts) = 0 then
        return;
    end if;
    begin
        perform book.insert_transactions(facts);
        return;
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
    end;
    if half = 0 then
        fact_id := facts[1].id;
        return next;
    else
        return query select f.* from book.fill_simulated(facts[1:half]) as f;
        return query select f.* from book.fill_simulated(facts[half + 1:]) as f;
    end if;
end
$$;

comment on function book.fill_simulated(public.agent_transactions[]) is
'Books simulated trades; those that were refused, each with the name of its error and why. The others are booked.';
