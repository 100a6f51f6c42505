-- What an agent, or one of its wallets, was worth in a period, as the HTTP service shows it: report.balance_history.
create function book.balance_history_of(owner uuid, parameters jsonb)
returns api.balance_history
language plpgsql
stable
set jit = off
as $$
declare
    asked constant jsonb := book.read_parameters(parameters, 'balance_history');
    agent constant uuid := asked ->> 'agentId';
    wallet constant text := asked ->> 'walletAddress';
    granularity constant text := coalesce(asked ->> 'granularity', 'hour');
    period constant tstzrange := book.read_period(asked);
begin
    perform book.require_agent(owner, agent, wallet);
    return (
        agent,
        wallet,
        granularity,
        array(
            select (
                book.plain_time(h.snapshot_at),
                book.plain_number(h.portfolio_sol),
                book.plain_number(h.sol_balance),
                book.plain_number(h.positions_value_sol),
                book.plain_number(h.unrealized_sol)
            )::api.balance_curve_points
            from report.balance_history(agent, granularity, lower(period), upper(period), wallet) as h
            order by h.snapshot_at
        )
    )::api.balance_history;
end
$$;

comment on function book.balance_history_of(uuid, jsonb) is
'What a user''s agent, or one of its wallets, was worth in a period. parameters: those of the URL. Raises not_found
(TB007) and what book.read_parameters and book.read_period raise.';
