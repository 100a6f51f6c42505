-- What one transaction does to the position of one token: the input of the fold.
create type book.position_leg as (
    transaction_id uuid,
    transaction_time timestamptz,
    kind text,            -- buy, deposit, sell, burn or withdrawal
    amount numeric,       -- whole tokens, above 0
    value_sol numeric,    -- buy and deposit: cost that comes in; sell: proceeds less fees; burn and withdrawal: 0
    value_usd numeric,    -- the same in USD
    signal_id int,
    can_be_managed boolean, -- false for quote tokens
    price_sol numeric       -- of a buy: SOL per token before fees, to be held against prices that are seen; else NULL
);

comment on type book.position_leg is
'What one transaction does to the position of one token: the input of the fold.';
