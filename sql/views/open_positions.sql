-- Open positions at the latest price that is known, whatever its age; the age is told.
create view report.open_positions with (security_invoker = true) as
select
    p.id,
    p.user_id,
    p.agent_id,
    p.wallet_address,
    p.token_address,
    p.token_symbol,
    p.signal_id,
    p.created_at as opened_at,
    p.managed,
    p.remaining_amount,
    p.purchase_price,
    p.invested_sol,
    p.cost_basis_sol,
    p.cost_basis_usd,
    p.realized_profit_sol,
    p.realized_profit_usd,
    p.dca_count,
    v.price_sol,
    v.observed_at as price_observed_at,
    extract(epoch from now() - v.observed_at) as price_age_seconds,
    w.value_sol,
    w.value_sol - p.cost_basis_sol as unrealized_gain_sol,
    book.round_quotient(100 * (w.value_sol - p.cost_basis_sol), nullif(p.cost_basis_sol, 0)) as unrealized_gain_percent,
    p.peak_price,
    p.lowest_price,
    p.current_stop_loss_percentage as stop_percent,
    p.stop_loss_price as stop_price_sol,
    book.round_quotient(100 * (v.price_sol - p.stop_loss_price), v.price_sol) as distance_to_stop_percent
from public.agent_positions as p
left join lateral book.latest_price(p.token_address, now()) as v on true
cross join lateral (select round(p.remaining_amount * v.price_sol, 18) as value_sol) as w
where not p.is_dust;

comment on view report.open_positions is
'Open positions, one row each, at the latest price of the source in force, whatever its age. Crumbs of closed positions
are left out. What needs a price is NULL where none is known.';
comment on column report.open_positions.id is 'The position: its opening transaction.';
comment on column report.open_positions.user_id is 'Whose it is.';
comment on column report.open_positions.agent_id is 'The agent.';
comment on column report.open_positions.wallet_address is 'The wallet.';
comment on column report.open_positions.token_address is 'Mint of the token.';
comment on column report.open_positions.token_symbol is 'Its symbol.';
comment on column report.open_positions.signal_id is 'The opening transaction''s signal.';
comment on column report.open_positions.opened_at is 'When it opened.';
comment on column report.open_positions.managed is 'Whether the rules of the agent touch it.';
comment on column report.open_positions.remaining_amount is 'Whole tokens held.';
comment on column report.open_positions.purchase_price is 'Average cost, SOL per token held.';
comment on column report.open_positions.invested_sol is 'All cost that it took in, fees included, SOL.';
comment on column report.open_positions.cost_basis_sol is 'Cost of what is still held, SOL.';
comment on column report.open_positions.cost_basis_usd is 'Cost of what is still held, USD at the buys'' times.';
comment on column report.open_positions.realized_profit_sol is 'Gain of its sales so far, SOL.';
comment on column report.open_positions.realized_profit_usd is 'Gain of its sales so far, USD.';
comment on column report.open_positions.dca_count is 'Buys after the first.';
comment on column report.open_positions.price_sol is 'The price that was used, SOL per token.';
comment on column report.open_positions.price_observed_at is 'When that price was observed.';
comment on column report.open_positions.price_age_seconds is 'How long ago that was, seconds.';
comment on column report.open_positions.value_sol is 'Market value, SOL: remaining_amount * price_sol, before any fee.';
comment on column report.open_positions.unrealized_gain_sol is 'value_sol - cost_basis_sol.';
comment on column report.open_positions.unrealized_gain_percent is
'unrealized_gain_sol in percent of cost_basis_sol, 18 decimals; NULL where that is 0.';
comment on column report.open_positions.peak_price is 'Highest price seen, SOL per token.';
comment on column report.open_positions.lowest_price is 'Lowest price seen, SOL per token.';
comment on column report.open_positions.stop_percent is
'Active stop, percent of purchase_price; NULL where there is none.';
comment on column report.open_positions.stop_price_sol is
'The price at or below which the stop sells: average cost * (1 + stop / 100), exact; it never falls but with a DCA
buy.';
comment on column report.open_positions.distance_to_stop_percent is
'How far the price may fall to there, percent of price_sol; 0 or below: it has been reached.';
