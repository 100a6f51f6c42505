-- Law 2: for each token of the wallet but SOL, the balance is what the position holds, and there is no position of
-- nothing.
create function book.audit_law_2(wallet text)
returns table (token_address text, row_id uuid, subject text, expected numeric, actual numeric)
language sql
stable
as $$
    select
        coalesce(b.token_address, p.token_address),
        p.id,
        'agent_positions.remaining_amount',
        coalesce(b.balance::numeric, 0),
        -- A position of nothing is no position: it must not agree with a balance of 0.
        case when p.remaining_amount = 0 then -1 else coalesce(p.remaining_amount, 0) end
    from (
        select
            a.token_address,
            a.balance
        from public.agent_balances as a
        where a.wallet_address = wallet and a.token_address <> 'So11111111111111111111111111111111111111112'
    ) as b
    full outer join (
        select
            a.id,
            a.token_address,
            a.remaining_amount
        from public.agent_positions as a
        where a.agent_id = book.agent_of(wallet) and a.wallet_address = wallet
    ) as p on p.token_address = b.token_address
$$;

comment on function book.audit_law_2(text) is
'Law 2 of the book, a row per token of the wallet: the balance (expected) and the position''s remainder (actual).';
