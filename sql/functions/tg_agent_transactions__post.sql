-- After insert, each statement: posts the new facts to the book, and takes out the voided ones that they correct.
--
-- Locks the wallets first; everything derived is read by later statements, which therefore see what the writer before
-- has committed.
--
-- Everything below looks rows up by their keys. Its plans are therefore kept, since planning would take longer than the
-- trade, and held to indexes: a session that came here when the tables were small would go on reading them whole.
create function book.tg_agent_transactions__post()
returns trigger
language plpgsql
volatile
-- Nobody but the book writes what is derived.
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
    facts constant public.agent_transactions[] := array(select n from new_facts as n limit 2);
    only_one constant public.agent_transactions := case when cardinality(facts) = 1 then facts[1] end;
    is_posted boolean := false;
    moves_nothing uuid[];
begin
    if only_one.wallet_address is not null then
        -- The table's keys have locked the agent already.
        perform
        from public.agent_wallets as w
        where w.wallet_address = only_one.wallet_address
        for no key update;
        is_posted := book.post_swap(only_one);
    else
        perform book.lock_wallets(array(select distinct n.wallet_address from new_facts as n));
    end if;
    if not is_posted then
        perform book.post_facts(
            array(select n.id from new_facts as n where n.wallet_address is not null),
            array(select n.corrects from new_facts as n where n.corrects is not null)
        );
        moves_nothing := array(select n.id from new_facts as n where n.wallet_address is null);
        if cardinality(moves_nothing) > 0 then
            perform book.announce_facts(moves_nothing, '{}', '{}', '{}');
        end if;
    end if;
    -- A single trade looks now and then: it would pay for each look.
    if only_one.id is null or only_one.ledger_order % 256 = 0 then
        perform book.analyze_grown_tables();
    end if;
    return null;
end
$$;

comment on function book.tg_agent_transactions__post() is 'Posts new facts to the book: a single one by
book.post_swap where that takes it, else all by book.post_facts. Has statistics made of a book that grew.';
