-- One token of one wallet: from where its facts are to be folded.
create type book.token_history as (
    user_id uuid,
    agent_id uuid,
    wallet_address text,
    token_address text,
    is_refolded boolean,            -- from its first fact on, because a fact was added among the folded ones
    start book.position_state,      -- the stored position; NULL where nothing is held or it is refolded
    after_time timestamptz,         -- the facts after this place are folded
    after_order bigint
);

comment on type book.token_history is
'One token of one wallet: from where its facts are to be folded.';
