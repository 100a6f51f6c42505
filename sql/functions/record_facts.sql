-- Books facts in one statement, all or none; what repeats a fact, or one before it among these, is answered with that.
--
-- The caller holds the locks of the wallets. known: the id of each as it is booked; repeats: whether it had been.
create function book.record_facts(
    owner uuid, facts public.agent_transactions[], out known uuid[], out repeats boolean[]
)
language plpgsql
volatile
as $$
begin
    repeats := book.repeated_items(facts);
    perform book.insert_transactions(array(
        select facts[i.n]
        from generate_subscripts(facts, 1) as i (n)
        where not repeats[i.n]
        order by i.n
    ));
    for n in 1..cardinality(facts) loop
        known[n] := facts[n].id;
        if repeats[n] then
            known[n] := book.booked_already(facts[n], owner);
            if known[n] is null then
                perform book.refuse('taken', 'id', 'it is taken');
            end if;
        end if;
    end loop;
end
$$;

comment on function book.record_facts(uuid, public.agent_transactions[]) is
'Books facts of a user in one statement, all or none: the id of each as it is booked, and whether it had been.';
