-- What `tradebook report` asks. Amounts are in SOL where nothing else is said.

-- name: report_agents(agent)
-- The agents with what they hold and did in all, those of the highest portfolio first; one, or all where that is null.
select
    f.agent_id,
    f.agent_name,
    coalesce(p.portfolio_sol, 0) as portfolio_sol,
    f.realized_gain_sol,
    f.unrealized_gain_sol,
    f.trades,
    f.win_rate_percent
from report.performance_by_agent as f
left join lateral (
    select sum(w.portfolio_sol) as portfolio_sol
    from report.portfolio as w
    where w.agent_id = f.agent_id
) as p on true
where :agent::uuid is null or f.agent_id = :agent::uuid
order by p.portfolio_sol desc nulls last, f.agent_name, f.agent_id;

-- name: report_portfolio(agent)^
-- What an agent's wallets hold now, all together.
select
    count(*) as wallets,
    coalesce(sum(p.portfolio_sol), 0) as portfolio_sol,
    sum(p.portfolio_usd) as portfolio_usd,
    coalesce(sum(p.sol_balance), 0) as sol_balance,
    coalesce(sum(p.open_positions), 0) as open_positions,
    coalesce(sum(p.positions_value_sol), 0) as positions_value_sol,
    coalesce(sum(p.unrealized_gain_sol), 0) as unrealized_gain_sol,
    coalesce(sum(p.unpriced_positions), 0) as unpriced_positions,
    coalesce(sum(p.unpriced_cost_sol), 0) as unpriced_cost_sol,
    max(p.oldest_price_seconds)::bigint as oldest_price_seconds
from report.portfolio as p
where p.agent_id = :agent::uuid;

-- name: report_figures(agent, length)^
-- What an agent did in the period of that length up to now, or ever where that is null.
select
    f.transactions,
    f.realized_gain_sol,
    f.fees_sol,
    f.expenses_sol,
    f.trades,
    f.trades_won,
    f.trades_drawn,
    f.trades_lost,
    f.win_rate_percent,
    f.profit_factor,
    f.expectancy_sol
from report.performance(:agent::uuid, coalesce(now() - :length::interval, '-infinity'), 'infinity') as f;

-- name: report_equity(agent, length, granularity)
-- The agent's portfolio by the snapshots of that period, in order.
select
    (h.snapshot_at at time zone 'UTC')::date as day,
    h.portfolio_sol
from report.balance_history(
        :agent::uuid, :granularity::text, coalesce(now() - :length::interval, '-infinity'), 'infinity'
    ) as h
order by h.snapshot_at;

-- name: report_fall(agent, length)$
-- The deepest fall of the agent's equity in that period from a height before, as a fraction; null where unknown.
select s.maximum_drawdown_ratio
from report.statistics(:agent::uuid, coalesce(now() - :length::interval, '-infinity'), 'infinity') as s;

-- name: report_trades(agent, length, most)
-- The best and the worst trades that ended in that period, at most so many of each, the best first.
with trades as (
    select
        t.token_symbol,
        t.token_address,
        t.closed_at,
        t.holding_seconds::bigint as holding_seconds,
        t.invested_sol,
        t.profit_sol,
        t.return_percent,
        coalesce(t.close_reason::text, t.ended_by) as ended_by,
        row_number() over (order by t.profit_sol desc, t.id) as best,
        row_number() over (order by t.profit_sol, t.id desc) as worst
    from report.trades as t
    where t.agent_id = :agent::uuid and t.closed_at >= coalesce(now() - :length::interval, '-infinity')
)

select
    t.token_symbol,
    t.token_address,
    book.plain_time(date_trunc('minute', t.closed_at)) as closed_at,
    t.holding_seconds,
    t.invested_sol,
    t.profit_sol,
    t.return_percent,
    t.ended_by
from trades as t
where t.best <= :most::int or t.worst <= :most::int
order by t.best;

-- name: report_groups(agent, grouped_by, length, most)
-- The groups of report.breakdown that gained or lost most in that period, at most so many, the best first.
select
    g.label,
    g.trades,
    g.win_rate_percent,
    g.realized_gain_sol,
    g.others
from (
    select
        coalesce(b.label, b.key, 'none') as label,
        b.trades,
        b.win_rate_percent,
        b.realized_gain_sol,
        row_number() over (order by abs(b.realized_gain_sol) desc, b.key) as place,
        count(*) over () - :most::int as others
    from report.breakdown(
            :agent::uuid, :grouped_by::text, coalesce(now() - :length::interval, '-infinity'), 'infinity'
        ) as b
    where b.swaps > 0
) as g
where g.place <= :most::int
order by g.realized_gain_sol desc, g.label;
