-- One transaction's place in the fold of one token of one wallet, with the state after it.
create type book.position_step as (
    user_id uuid,
    agent_id uuid,
    wallet_address text,
    token_address text,
    token_symbol text,
    ledger_order bigint,
    leg book.position_leg,
    state book.position_state,
    is_last boolean
);

comment on type book.position_step is
'One transaction''s place in the fold of one token of one wallet, with the state after it.';
