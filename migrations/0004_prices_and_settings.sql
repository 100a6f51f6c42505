-- What the book needs to know of the world: prices, and the few numbers that are a choice.

create table token_prices (
    token_address varchar(255) not null,
    source varchar(100) not null,
    observed_at timestamptz not null,
    price_sol numeric(38, 18) not null,
    price_usd numeric(38, 18),
    recorded_at timestamptz not null default now(),
    -- Also the way to "the latest at or before".
    constraint token_prices_pkey primary key (token_address, source, observed_at),
    constraint token_prices_token_address_is_a_mint check (token_address ~ '^[!-~]+$'),
    constraint token_prices_source_is_not_blank check (source ~ '[^[:space:]]' and source !~ '[[:cntrl:]]'),
    constraint token_prices_observed_at_is_finite check (isfinite(observed_at)),
    constraint token_prices_prices_are_positive check (
        price_sol > 0 and price_sol < 'NaN' and price_usd > 0 and price_usd < 'NaN'
    ),
    constraint token_prices_sol_costs_one_sol check (
        token_address <> 'So11111111111111111111111111111111111111112' or (price_sol = 1 and price_usd is not null)
    )
);

comment on table token_prices is
'Observed prices with their source. The rows of mint So11111111111111111111111111111111111111112 are SOL/USD.';
comment on column token_prices.token_address is 'Mint of the token.';
comment on column token_prices.source is 'Who observed it; prices of different sources are never mixed.';
comment on column token_prices.observed_at is 'When it held.';
comment on column token_prices.price_sol is 'SOL for one token; 1 for SOL itself.';
comment on column token_prices.price_usd is 'USD for one token; NULL where not observed, never for SOL.';
comment on column token_prices.recorded_at is 'When the row was stored.';

create table settings (
    only_row boolean constraint settings_pkey primary key default true,
    price_source varchar(100) not null default 'feed',
    price_max_age interval not null default interval '1 hour',
    dust_ratio numeric not null default 0.000001,
    quote_tokens text[] not null default array[
        'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
        'Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB'
    ],
    constraint settings_has_one_row check (only_row),
    constraint settings_price_source_is_not_blank check (
        price_source ~ '[^[:space:]]' and price_source !~ '[[:cntrl:]]'
    ),
    constraint settings_price_max_age_is_positive check (price_max_age > interval '0'),
    constraint settings_dust_ratio_is_at_least_0_and_below_1 check (dust_ratio >= 0 and dust_ratio < 1),
    constraint settings_quote_tokens_has_no_null check (array_position(quote_tokens, null) is null)
);

insert into settings default values;

comment on table settings is 'The choices of this installation: one row.';
comment on column settings.only_row is 'Always true: there is one row.';
comment on column settings.price_source is 'The source of token_prices that values transactions which state no value.';
comment on column settings.price_max_age is 'A price older than this, at the transaction''s time, values nothing.';
comment on column settings.dust_ratio is
'A position is dust when what remains is at most this fraction of what was acquired (0.000001: a millionth).';
comment on column settings.quote_tokens is
'Mints that are money, not bets (USDC, USDT): positions in them are kept exact but never managed.';
