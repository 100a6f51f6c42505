-- Law 7: the contract's columns are the roundings of their exact neighbours, a position's totals are the sums of its
-- sales, and is_dca is the fold's.
-- noqa: disable=LT02
create view book.audit_law_7 with (security_invoker = true) as
select
    t.user_id,
    t.agent_id,
    t.wallet_address,
    t.input_mint as token_address,
    t.id as row_id,
    compared.subject,
    compared.expected,
    compared.actual
from public.agent_transactions as t
cross join lateral (
    values
    ('agent_transactions.transaction_value_usd', round(t.value_usd, 8), t.transaction_value_usd),
    ('agent_transactions.fees', round(t.fees_sol, 8), coalesce(t.fees, 0))
) as compared (subject, expected, actual)
where t.wallet_address is not null
union all
select
    p.user_id,
    p.agent_id,
    p.wallet_address,
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
    where s.agent_id = p.agent_id and s.purchase_transaction_id = p.id
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
union all
select
    s.user_id,
    s.agent_id,
    s.wallet_address,
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
union all
select
    s.user_id,
    s.agent_id,
    s.wallet_address,
    s.token_address,
    s.id,
    compared.subject,
    compared.expected,
    compared.actual
from public.agent_historical_swaps as s
inner join public.agent_transactions as t on t.id = s.id
cross join lateral (
    select
        sum(e.proceeds_sol - e.cost_basis_sol) as gain_sol,
        sum(e.proceeds_usd - e.cost_basis_usd) as gain_usd
    from public.agent_historical_swaps as e
    inner join public.agent_transactions as u on u.id = e.id
    where
        e.agent_id = s.agent_id
        and e.purchase_transaction_id = s.purchase_transaction_id
        and (u.transaction_time, u.ledger_order) <= (t.transaction_time, t.ledger_order)
) as sales
cross join lateral (
    values
    ('agent_historical_swaps.position_profit_sol', sales.gain_sol, s.position_profit_sol),
    ('agent_historical_swaps.position_profit_usd', sales.gain_usd, s.position_profit_usd)
) as compared (subject, expected, actual)
where s.closes_position
union all
select
    t.user_id,
    t.agent_id,
    t.wallet_address,
    t.output_mint,
    t.id,
    'agent_transactions.is_dca',
    coalesce((step.state).is_dca, false)::int,
    t.is_dca::int
from public.agent_transactions as t
left join (
    select
        f.leg,
        f.state
    from public.agent_wallets as w
    cross join lateral unnest(book.fold_histories(book.whole_histories(w.wallet_address))) as f
) as step
    on (step.leg).transaction_id = t.id and (step.leg).kind = 'buy';

comment on view book.audit_law_7 is
'Law 7 of the book, a row per column that repeats another: what it should be (expected) and is (actual).';
