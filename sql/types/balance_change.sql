-- The sum of what a set of transactions does to one balance, and where they lie in the order of the book.
create type book.balance_change as (
    user_id uuid,
    agent_id uuid,
    wallet_address text,
    token_address text,
    token_symbol text,
    change numeric,
    first_time timestamptz,
    first_order bigint,
    last_time timestamptz,
    last_order bigint
);

comment on type book.balance_change is
'The sum of what a set of transactions does to one balance, and where they lie in the order of the book.';
