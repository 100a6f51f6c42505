-- The statistics of an agent, or of one of its wallets, as the HTTP service shows them: report.statistics.
create function book.agent_statistics(owner uuid, parameters jsonb)
returns api.statistics
language plpgsql
stable
set jit = off
as $$
declare
    asked constant jsonb := book.read_parameters(parameters, 'agent_statistics');
    agent constant uuid := asked ->> 'agentId';
    wallet constant text := asked ->> 'walletAddress';
    period constant tstzrange := book.read_period(asked);
    figures api.statistics;
begin
    perform book.require_agent(owner, agent, wallet);
    select
        s.first_day,
        s.last_day,
        book.plain_number(s.starting_equity_sol),
        book.plain_number(s.ending_equity_sol),
        book.plain_number(s.net_flow_sol),
        s.unknown_flows,
        s.return_count,
        book.plain_number(s.total_return_ratio),
        book.plain_number(s.cagr_ratio),
        book.plain_number(s.volatility_ratio),
        book.plain_number(s.sharpe_ratio),
        book.plain_number(s.sortino_ratio),
        book.plain_number(s.calmar_ratio),
        book.plain_number(s.maximum_drawdown_ratio),
        s.maximum_drawdown_peak_day,
        s.maximum_drawdown_trough_day,
        s.maximum_drawdown_recovery_day,
        book.plain_number(s.current_drawdown_ratio),
        book.plain_number(s.ulcer_ratio),
        book.plain_number(s.recovery_factor_ratio),
        book.plain_number(s.value_at_risk_95_ratio),
        book.plain_number(s.expected_shortfall_95_ratio),
        book.plain_number(s.best_day_ratio),
        s.best_day,
        book.plain_number(s.worst_day_ratio),
        s.worst_day,
        s.trades,
        book.plain_number(s.median_gain_sol),
        book.plain_number(s.median_return_percent),
        book.plain_number(s.best_gain_sol),
        book.plain_number(s.worst_gain_sol),
        book.plain_number(s.best_return_percent),
        book.plain_number(s.worst_return_percent),
        s.longest_winning_streak,
        s.longest_losing_streak,
        book.plain_number(s.median_holding_seconds),
        book.plain_number(s.median_holding_seconds_won),
        book.plain_number(s.median_holding_seconds_lost),
        book.plain_number(s.gain_drawdown_sol),
        book.plain_number(s.gain_drawdown_ratio),
        book.plain_time(s.gain_drawdown_from),
        book.plain_time(s.gain_drawdown_to)
    into figures
    from report.statistics(agent, lower(period), upper(period), wallet) as s;
    return figures;
end
$$;

comment on function book.agent_statistics(uuid, jsonb) is
'The statistics of an agent, or of one of its wallets, in a period: report.statistics. parameters: those of the URL.
Raises not_found (TB007) and what book.read_parameters and book.read_period raise.';
