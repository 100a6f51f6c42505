-- name: record_prices(prices)$
-- Records prices, all or none: how many there were, and how many were new, as JSON text.
select row_to_json(r)::text
from book.record_feed(:prices::jsonb) as r;

-- name: get_price(mint)$
-- The latest price of a token, as JSON text.
select row_to_json(p)::text
from book.get_price(:mint::text) as p
where p."tokenAddress" is not null;

-- name: sol_usd_price()$
-- The latest price of SOL, as JSON text.
select row_to_json(p)::text
from book.get_price(book.sol_mint()) as p
where p."tokenAddress" is not null;
