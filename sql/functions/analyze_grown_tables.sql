-- Statistics for a book that grows faster than autovacuum comes by. Without any, or with those of a handful of rows,
-- the planner takes all facts of a user for one: a summary of a period then reads them once for each other.
--
-- Nothing is done where statistics know a quarter of the facts at least, nor to a table that is being analyzed or
-- vacuumed. They stay with the caller's transaction.
create function book.analyze_grown_tables()
returns void
language plpgsql
volatile
-- The owner of the tables.
security definer
set search_path = pg_catalog, pg_temp
-- To leave out a table that is locked is no news for who inserts a fact.
set client_min_messages = error
as $$
begin
    if (
        select pg_relation_size(c.oid) > 4 * c.relpages * current_setting('block_size')::bigint
        from pg_class as c
        where c.oid = 'public.agent_transactions'::regclass
    ) then
        analyze (skip_locked)
            public.agent_transactions,
            public.agent_balances,
            public.agent_positions,
            public.agent_historical_swaps,
            public.agent_token_withdrawals,
            public.wallet_totals;
    end if;
end
$$;

comment on function book.analyze_grown_tables() is
'Analyzes the facts and what is derived from them where the facts take more than four times the pages that statistics
know.';
