-- The positions of an agent's wallets as they stood at an instant of the past, by the fold.
--
-- Only tokens of which something was held are folded.
create function report.positions_as_of(agent uuid, at timestamptz, known_at timestamptz default null)
returns table (
    id uuid,
    wallet_address text,
    token_address text,
    token_symbol text,
    opened_at timestamptz,
    remaining_amount numeric,
    cost_basis_sol numeric,
    cost_basis_usd numeric,
    purchase_price numeric,
    purchase_amount numeric,
    invested_sol numeric,
    invested_usd numeric,
    realized_profit_sol numeric,
    realized_profit_usd numeric,
    buy_count int,
    dca_count int,
    dca_transaction_ids uuid[], -- noqa: LT01
    last_dca_time timestamptz,
    last_sale_transaction_id uuid,
    signal_id int,
    managed boolean,
    is_dust boolean
)
language sql
stable
as $$
    select
        (s.state).position_id,
        s.wallet_address,
        s.token_address,
        s.token_symbol,
        (s.state).opened_at,
        (s.state).remaining_amount,
        (s.state).cost_basis_sol,
        (s.state).cost_basis_usd,
        book.price_to_read((s.state).cost_basis_sol, (s.state).remaining_amount),
        (s.state).purchase_amount,
        (s.state).invested_sol,
        (s.state).invested_usd,
        (s.state).realized_profit_sol,
        (s.state).realized_profit_usd,
        (s.state).buy_count,
        cardinality((s.state).dca_transaction_ids),
        (s.state).dca_transaction_ids,
        (s.state).last_dca_time,
        (s.state).last_sale_transaction_id,
        (s.state).signal_id,
        (s.state).managed,
        (s.state).is_closed
    from report.balances_as_of(agent, at, known_at) as b
    cross join lateral book.fold_as_of(agent, b.wallet_address, b.token_address, at, known_at) as s
    where b.token_address <> book.sol_mint() and b.balance > 0 and s.is_last
$$;

comment on function report.positions_as_of(uuid, timestamptz, timestamptz) is
'The positions of an agent as agent_positions had them, dust included and marked; columns, units and rounding are those
of agent_positions, opened_at is its created_at. at, known_at: as for report.balances_as_of. The dust ratio and the quote
tokens are those of the settings now. No such agent, or another user''s: no rows.';
