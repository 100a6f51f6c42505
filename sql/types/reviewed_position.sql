-- A position with all that its rules were held against, and what they say.
create type book.reviewed_position as (
    p public.agent_positions,
    wallet_type text,
    slippage_bps int,
    fee_lamports bigint,
    max_price_impact numeric,
    price_sol numeric,       -- the latest, SOL per token
    observed_at timestamptz, -- that price
    usd_per_sol numeric,     -- by the token's own prices; NULL where they do not tell
    highest_price numeric,   -- since it was last looked at, the latest included
    lowest_price numeric,
    last_time timestamptz,   -- of the newest fact of the token
    verdict book.position_verdict,
    fact_id uuid,            -- of the transaction or the order that is to come of it
    place int                -- among the DCA buys of its wallet
);

comment on type book.reviewed_position is
'A position with all that its rules were held against, and what they say.';
