-- The positions of an agent's wallets as they stood at an instant of the past, by the fold.
--
-- Only tokens of which something was held are folded, each from its first fact on.
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
        p.id,
        p.wallet_address::text,
        p.token_address::text,
        p.token_symbol::text,
        p.created_at,
        p.remaining_amount,
        p.cost_basis_sol,
        p.cost_basis_usd,
        p.purchase_price,
        p.purchase_amount,
        p.invested_sol,
        p.invested_usd,
        p.realized_profit_sol,
        p.realized_profit_usd,
        p.buy_count,
        p.dca_count,
        p.dca_transaction_ids,
        p.last_dca_time,
        p.last_sale_transaction_id,
        p.signal_id,
        p.managed,
        p.is_dust
    from report.balances_as_of(agent, at, known_at) as b
    cross join lateral unnest(book.positions_of(
        array[row(
            null,
            agent,
            b.wallet_address,
            b.token_address,
            b.token_symbol,
            true,
            null,
            null,
            '-infinity',
            0,
            null,
            null
        )::book.token_history],
        array(select s from book.fold_as_of(agent, b.wallet_address, b.token_address, at, known_at) as s)
    )) as p
    where b.token_address <> book.sol_mint() and b.balance > 0
$$;

comment on function report.positions_as_of(uuid, timestamptz, timestamptz) is
'The positions of an agent as agent_positions had them, dust included and marked; columns, units and rounding are those
of agent_positions, opened_at is its created_at. at, known_at: as for report.balances_as_of. The dust ratio and the quote
tokens are those of the settings now. No such agent, or another user''s: no rows.';
