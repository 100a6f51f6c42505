-- One transaction's part in a position as the stored rows count it: what came in, or what was released.
create type book.folded_leg as (
    id uuid,
    transaction_time timestamptz,
    ledger_order bigint,
    comes_in boolean,        -- a buy or a deposit; else a sale, a burn or a withdrawal
    is_buy boolean,
    amount numeric,
    cost_sol numeric,        -- that came in, or was released
    cost_usd numeric,
    gain_sol numeric,        -- of a sale or burn, else 0
    gain_usd numeric,
    position_id uuid,        -- that it released from; NULL where it comes in
    closes_position boolean,
    -- Of the position that it ended, NULL else.
    position_purchase_amount numeric,
    position_buy_count int,
    position_invested_sol numeric,
    position_invested_usd numeric,
    position_profit_sol numeric,
    position_profit_usd numeric
);

comment on type book.folded_leg is
'One transaction''s part in a position as the stored rows count it: what came in, or what was released.';
