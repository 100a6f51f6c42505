-- The number, from 0, of the item of a batch that all of them were refused for; NULL where it was for none alone, as a
-- balance that all of them together would overdraw.
--
-- details: the error's, where the book told which transactions it means. Else each is tried by itself: what is wrong in
-- one row is wrong then too.
create function book.refused_item(
    owner uuid, facts public.agent_transactions[], code text, broken_constraint text, details text
)
returns int
language plpgsql
volatile
as $$
declare
    told constant uuid := case when details like '[{%' then (details::jsonb #>> '{0,id}')::uuid end;
    found_constraint text;
    found_code text;
begin
    if told is not null then
        return (
            select i.n - 1
            from generate_subscripts(facts, 1) as i (n)
            where (facts[i.n]).id = told
        );
    elsif code = 'TB002' then
        return null;
    end if;
    for n in 1..cardinality(facts) loop
        begin
            perform book.record_facts(owner, array[facts[n]]);
            raise exception using errcode = 'TB000';
        exception
            when others then
                get stacked diagnostics found_code = returned_sqlstate, found_constraint = constraint_name;
                if found_code = code and found_constraint is not distinct from broken_constraint then
                    return n - 1;
                end if;
        end;
    end loop;
    return null;
end
$$;

comment on function book.refused_item(uuid, public.agent_transactions[], text, text, text) is
'The number, from 0, of the item of a batch that was refused; NULL where it was for none alone.';
