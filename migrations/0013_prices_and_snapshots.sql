-- How long every price is kept, and what a snapshot could not value.

alter table settings
add column price_retention interval default interval '90 days',
add constraint settings_price_retention_is_a_day_to_a_century check (
    price_retention between interval '1 day' and interval '100 years'
);

comment on column settings.price_retention is
'Prices older than this are thinned to the last one of each hour by jobs.prune_prices; NULL keeps all of them.';

alter table agent_balance_snapshots
add column unpriced_positions int not null default 0,
add column unpriced_cost_sol numeric(38, 18) not null default 0,
-- SOL may have been below zero at an instant of the past (report.ledger_warnings), and is told as it was. That it is a
-- number is said by the rule of the portfolio's sum.
drop constraint agent_balance_snapshots_sol_balance_is_not_negative,
add constraint agent_balance_snapshots_unpriced_positions_is_not_negative check (unpriced_positions >= 0),
add constraint agent_balance_snapshots_unpriced_cost_sol_is_of_unpriced check (
    unpriced_cost_sol >= 0 and unpriced_cost_sol < 'NaN' and (unpriced_positions > 0 or unpriced_cost_sol = 0)
);

comment on table agent_balance_snapshots is
'Value of each wallet''s portfolio at each full hour: from the facts with a time up to that hour and the latest prices
observed by then, of the source in force, whatever their age. Made by jobs.take_balance_snapshots and
jobs.backfill_snapshots. A number that its column cannot hold is held at the column''s limit.';
comment on column agent_balance_snapshots.snapshot_timestamp is
'The full hour, UTC: that of the instant which the snapshot is of, or before it.';
comment on column agent_balance_snapshots.portfolio_balance_sol is
'SOL held and tokens at market value, in SOL; tokens without a price are not in it.';
comment on column agent_balance_snapshots.sol_balance is
'SOL held; below zero where the facts say so of an instant of the past.';
comment on column agent_balance_snapshots.positions_value_sol is
'All tokens held that have a price, dust included, at market value, in SOL.';
comment on column agent_balance_snapshots.unrealized_pnl_sol is
'Market value less cost of the tokens held that have a price, dust included, in SOL.';
comment on column agent_balance_snapshots.unpriced_positions is
'How many tokens were held, dust included, that had no price: they are left out of the value.';
comment on column agent_balance_snapshots.unpriced_cost_sol is 'The cost of these, in SOL, exact.';
