-- A position between two transactions, and what the last of them did: the state of the fold.
create type book.position_state as (
    remaining_amount numeric,
    cost_basis_sol numeric,
    cost_basis_usd numeric,
    -- The position in force, or the last one where it is closed.
    position_id uuid,
    opened_at timestamptz,
    signal_id int,
    managed boolean,
    purchase_amount numeric,
    invested_sol numeric,
    invested_usd numeric,
    realized_profit_sol numeric,
    realized_profit_usd numeric,
    buy_count int,
    last_dca_time timestamptz,
    last_sale_transaction_id uuid,
    is_closed boolean,       -- nothing or dust is left: the next acquisition opens another
    -- What the transaction did.
    is_dca boolean,
    released_sol numeric,
    released_usd numeric,
    closes boolean,          -- it ended the position
    refusal text             -- it cannot be: the rest of the state is as before it
);

comment on type book.position_state is
'A position between two transactions, and what the last of them did: the state of the fold.';
