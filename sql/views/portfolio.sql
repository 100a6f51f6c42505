-- What each wallet is worth now.
create view report.portfolio with (security_invoker = true) as
select
    a.user_id,
    w.agent_id,
    w.wallet_address,
    w.wallet_type,
    s.sol_balance,
    coalesce(o.open_positions, 0) as open_positions,
    coalesce(o.open_value_sol, 0.000000000000000000) as positions_value_sol,
    coalesce(o.open_cost_sol, 0.000000000000000000) as positions_cost_sol,
    coalesce(o.unrealized_gain_sol, 0.000000000000000000) as unrealized_gain_sol,
    o.unrealized_gain_percent,
    coalesce(o.unpriced_positions, 0) as unpriced_positions,
    coalesce(o.unpriced_cost_sol, 0.000000000000000000) as unpriced_cost_sol,
    o.oldest_price_seconds,
    s.sol_balance + coalesce(o.open_value_sol, 0) as portfolio_sol,
    round((s.sol_balance + coalesce(o.open_value_sol, 0)) * usd.price_usd, 18) as portfolio_usd,
    usd.price_usd as sol_usd_price,
    extract(epoch from now() - usd.observed_at) as sol_usd_age_seconds
from public.agent_wallets as w
inner join public.agents as a on a.id = w.agent_id
cross join
    lateral (
        select coalesce(
            (
                select b.balance::numeric
                from public.agent_balances as b
                where b.wallet_address = w.wallet_address and b.token_address = book.sol_mint()
            ),
            0
        ) as sol_balance
    ) as s
left join lateral book.open_sums(array[w.agent_id], 'total', w.wallet_address) as o on true
left join lateral book.latest_price(book.sol_mint(), now()) as usd on true;

comment on view report.portfolio is
'What each wallet is worth now: SOL, and tokens at the latest price of the source in force, whatever its age. Tokens
without a price are in no value and counted beside it; crumbs are in the values, and no open position.';
comment on column report.portfolio.user_id is 'Whose it is.';
comment on column report.portfolio.agent_id is 'The agent.';
comment on column report.portfolio.wallet_address is 'The wallet.';
comment on column report.portfolio.wallet_type is 'simulation or live.';
comment on column report.portfolio.sol_balance is 'SOL held.';
comment on column report.portfolio.open_positions is 'Open positions, crumbs left out.';
comment on column report.portfolio.positions_value_sol is 'Market value of the tokens that have a price, SOL.';
comment on column report.portfolio.positions_cost_sol is 'Cost of all tokens held, SOL.';
comment on column report.portfolio.unrealized_gain_sol is 'positions_value_sol less the cost of what it counts.';
comment on column report.portfolio.unrealized_gain_percent is 'unrealized_gain_sol in percent of that cost.';
comment on column report.portfolio.unpriced_positions is 'Holdings without a price, crumbs included.';
comment on column report.portfolio.unpriced_cost_sol is 'Their cost, SOL; it is in positions_cost_sol.';
comment on column report.portfolio.oldest_price_seconds is 'Age of the oldest price of an open position.';
comment on column report.portfolio.portfolio_sol is 'sol_balance + positions_value_sol.';
comment on column report.portfolio.portfolio_usd is
'portfolio_sol * sol_usd_price, 18 decimals; NULL where no SOL price is known.';
comment on column report.portfolio.sol_usd_price is 'Latest price of SOL in USD, of the source in force.';
comment on column report.portfolio.sol_usd_age_seconds is 'How long ago that was observed.';
