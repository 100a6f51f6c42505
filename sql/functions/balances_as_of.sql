-- What an agent's wallets held at an instant of the past, as the book knows it now or as it knew it then.
create function report.balances_as_of(agent uuid, at timestamptz, known_at timestamptz default null)
returns table (wallet_address text, token_address text, token_symbol text, balance numeric)
language sql
stable
as $$
    select
        t.wallet_address::text,
        l.token_address,
        (array_agg(l.token_symbol order by t.transaction_time desc, t.ledger_order desc))[1],
        sum(l.change)
    from public.agent_transactions as t
    cross join lateral book.balance_legs(t) as l
    where
        t.agent_id = agent
        and t.wallet_address is not null
        and t.transaction_time <= at
        and book.was_known(t.created_at, t.voided_at, known_at)
    group by t.wallet_address, l.token_address
$$;

comment on function report.balances_as_of(uuid, timestamptz, timestamptz) is
'Balance of each token that the agent''s wallets had touched by an instant, whole tokens, exact; 0 is shown.
at: facts with transaction_time at or before it; ''infinity'' is all of them. The state at the beginning of a period
[start, end) is that of start - interval ''1 microsecond''.
known_at: facts that had arrived (created_at) by then and were not voided by then; NULL is what is known now. It is what
had been committed, where no write was under way at that instant.
SOL may be below zero at an instant of the past: see report.ledger_warnings. No such agent, or another user''s: no rows.';
