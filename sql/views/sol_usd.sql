-- What one SOL costs in USD: the latest price of the source in force. No row where there is none.
create view report.sol_usd with (security_invoker = true) as
select
    latest.price_usd,
    s.price_source as source,
    latest.observed_at,
    now() - latest.observed_at as age
from public.settings as s
cross join lateral book.latest_price(book.sol_mint(), now()) as latest;

comment on view report.sol_usd is
'The latest SOL/USD price of the source in force, whatever its age. No row where there is none.';
comment on column report.sol_usd.price_usd is 'USD for one SOL.';
comment on column report.sol_usd.source is 'Who observed it: settings.price_source.';
comment on column report.sol_usd.observed_at is 'When it was observed.';
comment on column report.sol_usd.age is
'How old it is now. Older than settings.price_max_age, it values no new transaction.';
