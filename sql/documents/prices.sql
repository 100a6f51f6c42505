-- The latest price of a token.
create type api.prices as (
    "tokenAddress" text,
    "priceSol" api.decimal_text,
    "priceUsd" api.decimal_text,
    source text,
    "observedAt" api.time_text,
    "ageSeconds" bigint
);

comment on type api.prices is 'The latest price of a token, of the source in force.';
comment on column api.prices."tokenAddress" is 'Mint of the token.';
comment on column api.prices."priceSol" is 'SOL for one token; 1 for SOL itself.';
comment on column api.prices."priceUsd" is 'USD for one token; NULL where it was not observed, never for SOL.';
comment on column api.prices.source is 'Who observed it.';
comment on column api.prices."observedAt" is 'When it held.';
comment on column api.prices."ageSeconds" is 'How long ago that is, whole seconds.';
