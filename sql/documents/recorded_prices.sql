-- What became of prices that were sent.
create type api.recorded_prices as (
    received int,
    recorded int
);

comment on type api.recorded_prices is 'What became of prices that were sent.';
comment on column api.recorded_prices.received is 'How many there were.';
comment on column api.recorded_prices.recorded is 'How many of them were new; the others were known.';
