-- What facts that were added and removed do to each balance, and where the first and the last of them lie.
create function book.changes_of_facts(added uuid[], removed uuid[])
returns book.balance_change[]
language plpgsql
stable
as $$
begin
    return array(
        select row(
            t.user_id,
            t.agent_id,
            t.wallet_address,
            l.token_address,
            (array_agg(l.token_symbol order by t.transaction_time desc, t.ledger_order desc))[1],
            sum(l.change * f.sign),
            min(t.transaction_time),
            (array_agg(t.ledger_order order by t.transaction_time, t.ledger_order))[1],
            max(t.transaction_time),
            (array_agg(t.ledger_order order by t.transaction_time desc, t.ledger_order desc))[1]
        )::book.balance_change
        from (
            select
                a.id,
                1 as sign
            from unnest(added) as a (id)
            union all
            select
                r.id,
                -1
            from unnest(removed) as r (id)
        ) as f
        cross join lateral (select k.* from public.agent_transactions as k where k.id = f.id offset 0) as t
        cross join lateral book.balance_legs(t) as l
        where t.wallet_address is not null
        group by t.user_id, t.agent_id, t.wallet_address, l.token_address
    );
end
$$;

comment on function book.changes_of_facts(uuid[], uuid[]) is
'What facts that were added and removed do to each balance of their wallets.';
