-- One token of one wallet: from where its facts are to be folded.
create type book.token_history as (
    user_id uuid,
    agent_id uuid,
    wallet_address text,
    token_address text,
    token_symbol text,              -- as the last fact of the token tells it
    is_refolded boolean,            -- a fact was added or voided among those that are folded already
    folded_until timestamptz,       -- the time of the last of these; NULL where there is none
    start book.position_state,      -- the position before the facts that are to be folded; NULL where nothing is held
    after_time timestamptz,         -- the facts after this place are folded
    after_order bigint,
    stored_id uuid,                 -- the position that is stored now; NULL where nothing is held
    stored_is_dust boolean
);

comment on type book.token_history is
'One token of one wallet: from where its facts are to be folded.';
