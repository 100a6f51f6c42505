-- name: import_user(email)$
-- The id of the user of that e-mail address, made where unknown.
select book.import_user(:email::text);

-- name: import_sol_usd_prices(series, times, prices)$
-- Stores a SOL/USD series; how many prices were new.
select book.import_sol_usd_prices(:series::text, :times::text[], :prices::text[]);

-- name: stage_prices()#
-- Makes the table that lines of price files are copied into; it goes with the transaction.
create temporary table staged_prices (
    file text not null,
    line int not null,
    token_address text not null,
    opened_at text not null,
    open_usd text not null,
    close_usd text
) on commit drop;

-- name: copy_prices()#
-- Copies lines of price files.
copy pg_temp.staged_prices (file, line, token_address, opened_at, open_usd, close_usd) from stdin;

-- name: import_prices(source, candle, max_age)^
-- Stores the prices that were copied; how many were told, new, and left out for want of a SOL/USD price.
select
    p.told,
    p.stored,
    p.not_converted
from book.import_prices(:source::text, :candle::interval, :max_age::interval) as p;

-- name: import_transactions(owner, rows, price_source, shortfall)
-- Books rows of an import in order; the outcome of each: file, line, outcome, error, explanation, shortfalls.
select
    r.file,
    r.line,
    r.outcome,
    r.error,
    r.explanation,
    r.shortfalls
from book.import_transactions(:owner::uuid, :rows::jsonb, :price_source::text, :shortfall::text) as r;

-- name: import_summary(owner, wallets)^
-- What the books of the user's wallets say: gains, and positions that are open or dust.
select
    s.gain_sol,
    s.gain_usd,
    p.positions_open,
    p.dust
from (
    select
        book.plain_number(coalesce(sum(h.proceeds_sol - h.cost_basis_sol), 0)) as gain_sol,
        book.plain_number(coalesce(sum(h.proceeds_usd - h.cost_basis_usd), 0)) as gain_usd
    from agent_historical_swaps as h
    where h.user_id = :owner::uuid and h.wallet_address = any(:wallets::text[])
) as s
cross join (
    select
        count(*) filter (where not a.is_dust) as positions_open,
        count(*) filter (where a.is_dust) as dust
    from agent_positions as a
    where a.user_id = :owner::uuid and a.wallet_address = any(:wallets::text[])
) as p;

-- name: analyze_books()#
-- Brings the planner's statistics of the book into step with the first rows of an import.
analyze agent_transactions, agent_balances, agent_positions, agent_historical_swaps, agent_token_withdrawals;
