-- report.equity_curve of every agent, from the first snapshot on, for BI.
create view report.daily_equity with (security_invoker = true) as
select
    a.user_id,
    a.id as agent_id,
    c.day,
    c.snapshot_at,
    c.equity_sol,
    c.flow_sol,
    c.change_sol,
    c.return_ratio,
    c.equity_index_ratio,
    c.drawdown_ratio,
    c.days_spanned,
    c.unknown_flows
from public.agents as a
cross join lateral report.equity_curve(a.id) as c;

comment on view report.daily_equity is
'Equity of each agent day by day, all its wallets together: report.equity_curve from the first snapshot on. Name the
agent where you can: the view works out the whole curve of each agent that it shows.';
comment on column report.daily_equity.user_id is 'Whose agent it is.';
comment on column report.daily_equity.agent_id is 'The agent.';
comment on column report.daily_equity.day is 'The day, UTC.';
comment on column report.daily_equity.snapshot_at is 'The day''s last snapshot, which the row is about.';
comment on column report.daily_equity.equity_sol is 'Portfolio value then, SOL.';
comment on column report.daily_equity.flow_sol is
'Deposits less withdrawals since the row before, at their value in SOL; NULL in the first row.';
comment on column report.daily_equity.change_sol is
'Equity less flow less the equity of the row before, SOL: what the agent made of it. NULL in the first row.';
comment on column report.daily_equity.return_ratio is
'change_sol as a fraction of the equity of the row before; NULL where that is not above 0.';
comment on column report.daily_equity.equity_index_ratio is
'What 1 became since the first row: the product of (1 + return_ratio).';
comment on column report.daily_equity.drawdown_ratio is
'equity_index_ratio over its highest so far, less 1: a fraction, 0 or negative.';
comment on column report.daily_equity.days_spanned is
'Days since the row before: 1, or more over a gap, whose return and flows are in this row.';
comment on column report.daily_equity.unknown_flows is
'Withdrawals in flow_sol that nobody could value; they count as 0, and the return is too low by them.';
