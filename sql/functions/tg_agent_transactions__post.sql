-- After insert, each statement: posts the new facts to the book.
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
as $$
begin
    perform book.lock_wallets(array(select distinct n.wallet_address from new_facts as n));
    perform book.post_changes(array(
        select row(
            n.user_id,
            n.agent_id,
            n.wallet_address,
            l.token_address,
            (array_agg(l.token_symbol order by n.transaction_time desc, n.ledger_order desc))[1],
            sum(l.change),
            min(n.transaction_time),
            (array_agg(n.ledger_order order by n.transaction_time, n.ledger_order))[1],
            max(n.transaction_time),
            (array_agg(n.ledger_order order by n.transaction_time desc, n.ledger_order desc))[1]
        )::book.balance_change
        from new_facts as n
        cross join lateral book.balance_legs(n) as l
        where n.wallet_address is not null
        group by n.user_id, n.agent_id, n.wallet_address, l.token_address
    ));
    return null;
end
$$;

comment on function book.tg_agent_transactions__post() is 'Posts new facts to the book: book.post_changes.';
