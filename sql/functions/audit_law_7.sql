-- Law 7: the contract's columns are the roundings of their exact neighbours, a position's totals are the sums of its
-- sales, what a position took in covers what left it, and the totals are the sums over the rows.
create function book.audit_law_7(wallet text)
returns table (token_address text, row_id uuid, subject text, expected numeric, actual numeric)
language sql
stable
as $$
    select
        t.input_mint,
        t.id,
        compared.subject,
        compared.expected,
        compared.actual
    from public.agent_transactions as t
    cross join lateral (
        values
        ('agent_transactions.transaction_value_usd', round(t.value_usd, 8), t.transaction_value_usd),
        ('agent_transactions.fees', round(t.fees_sol, 8), coalesce(t.fees, 0))
    ) as compared (subject, expected, actual)
    where t.wallet_address = wallet and t.voided_at is null
    union all
    select
        p.token_address,
        p.id,
        compared.subject,
        compared.expected,
        compared.actual
    from public.agent_positions as p
    cross join lateral (
        select
            coalesce(sum(s.proceeds_sol - s.cost_basis_sol), 0) as gain_sol,
            coalesce(sum(s.proceeds_usd - s.cost_basis_usd), 0) as gain_usd
        from public.agent_historical_swaps as s
        where s.purchase_transaction_id = p.id
    ) as sales
    cross join lateral (
        values
        (
            'agent_positions.purchase_price',
            book.price_to_read(p.cost_basis_sol, p.remaining_amount),
            p.purchase_price
        ),
        ('agent_positions.total_invested_sol', round(p.invested_sol, 8), p.total_invested_sol),
        ('agent_positions.realized_profit_sol', sales.gain_sol, p.realized_profit_sol),
        ('agent_positions.realized_profit_usd', sales.gain_usd, p.realized_profit_usd)
    ) as compared (subject, expected, actual)
    where p.agent_id = book.agent_of(wallet) and p.wallet_address = wallet
    union all
    select
        s.token_address,
        s.id,
        compared.subject,
        compared.expected,
        compared.actual
    from public.agent_historical_swaps as s
    cross join lateral (
        values
        ('agent_historical_swaps.profit_loss_sol', round(s.proceeds_sol - s.cost_basis_sol, 8), s.profit_loss_sol),
        ('agent_historical_swaps.profit_loss_usd', round(s.proceeds_usd - s.cost_basis_usd, 8), s.profit_loss_usd)
    ) as compared (subject, expected, actual)
    where s.wallet_address = wallet
    union all
    select
        ended.token_address,
        ended.id,
        ended.kind || compared.subject,
        compared.expected,
        compared.actual
    from (
        select
            s.id,
            'agent_historical_swaps.' as kind,
            s.token_address,
            s.position_id,
            s.position_profit_sol,
            s.position_profit_usd,
            s.position_purchase_amount
        from public.agent_historical_swaps as s
        where s.wallet_address = wallet and s.closes_position
        union all
        select
            w.id,
            'agent_token_withdrawals.',
            w.token_address,
            w.position_id,
            w.position_profit_sol,
            w.position_profit_usd,
            w.position_purchase_amount
        from public.agent_token_withdrawals as w
        where w.agent_id = book.agent_of(wallet) and w.wallet_address = wallet and w.closes_position
    ) as ended
    inner join public.agent_transactions as t on t.id = ended.id
    cross join lateral (
        select
            coalesce(sum(e.proceeds_sol - e.cost_basis_sol), 0) as gain_sol,
            coalesce(sum(e.proceeds_usd - e.cost_basis_usd), 0) as gain_usd,
            coalesce(sum(e.amount), 0) as amount
        from public.agent_historical_swaps as e
        inner join public.agent_transactions as u on u.id = e.id
        -- Sales of crumbs come after the end.
        where
            e.purchase_transaction_id = ended.position_id
            and (u.transaction_time, u.ledger_order) <= (t.transaction_time, t.ledger_order)
    ) as sales
    cross join lateral (
        values
        ('position_profit_sol', sales.gain_sol, ended.position_profit_sol),
        ('position_profit_usd', sales.gain_usd, ended.position_profit_usd),
        -- NULL in rows that are older than the column.
        (
            'position_purchase_amount, covers its sales',
            case when ended.position_purchase_amount < sales.amount then sales.amount
            else ended.position_purchase_amount end,
            ended.position_purchase_amount
        )
    ) as compared (subject, expected, actual)
    union all
    select
        t.token_address,
        null,
        concat_ws(' ', 'wallet_totals.' || t.sum_name, 'of', coalesce(t.day::text, 'all days')),
        t.expected,
        t.actual
    from book.wrong_totals(wallet) as t
$$;

comment on function book.audit_law_7(text) is
'Law 7 of the book, a row per column of the wallet''s rows that repeats or sums up others: what it should be (expected)
and is (actual).';
