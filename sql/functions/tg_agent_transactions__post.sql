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
    moves_nothing constant uuid[] := array(select n.id from new_facts as n where n.wallet_address is null);
begin
    perform book.lock_wallets(array(select distinct n.wallet_address from new_facts as n));
    perform book.post_facts(
        array(select n.id from new_facts as n where n.wallet_address is not null),
        array(select n.corrects from new_facts as n where n.corrects is not null)
    );
    if cardinality(moves_nothing) > 0 then
        perform book.announce_facts(moves_nothing, '{}', '{}', '{}');
    end if;
    return null;
end
$$;

comment on function book.tg_agent_transactions__post() is 'Posts new facts to the book: book.post_facts.';
