-- What was burned of a token that is worth nothing any more.
create type api.burned_tokens as (
    "tokenAddress" text,
    burned int,
    failed int
);

comment on type api.burned_tokens is 'What was burned of a token that is worth nothing any more.';
comment on column api.burned_tokens."tokenAddress" is 'Mint of the token.';
comment on column api.burned_tokens.burned is 'Positions that were burned.';
comment on column api.burned_tokens.failed is 'Positions whose burn was refused: position_actions tells why.';
