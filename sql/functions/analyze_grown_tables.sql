-- Statistics for a book that grows faster than autovacuum comes by. Without any, or with those of a handful of rows,
-- the planner takes all facts of a user for one: a summary of a period then reads them once for each other.
--
-- Nothing is done where statistics know a quarter of the facts at least, nor while one of the tables is being analyzed
-- or vacuumed. The locks stay until the caller's transaction ends. Where it is rolled back, so are the statistics, but
-- not that they were made: the next ones come with four times the facts, or by autovacuum.
create function book.analyze_grown_tables()
returns void
language plpgsql
volatile
-- The owner of the tables.
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if (
        select pg_relation_size(c.oid) <= 4 * current_setting('block_size')::bigint * c.relpages
        from pg_class as c
        where c.oid = 'public.agent_transactions'::regclass
    ) then
        return;
    end if;
    lock table
        public.agent_transactions,
        public.agent_balances,
        public.agent_positions,
        public.agent_historical_swaps,
        public.agent_token_withdrawals,
        public.wallet_totals
    in share update exclusive mode nowait;
    analyze
        public.agent_transactions,
        public.agent_balances,
        public.agent_positions,
        public.agent_historical_swaps,
        public.agent_token_withdrawals,
        public.wallet_totals;
exception
    when lock_not_available then
        -- By whoever else makes them.
        return;
end
$$;

comment on function book.analyze_grown_tables() is
'Analyzes the facts and what is derived from them where the facts take more than four times the pages that statistics
know.';
