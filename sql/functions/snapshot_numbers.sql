-- The numbers of a snapshot as their columns hold them, from exact ones: rounded once to 8 decimals, and held at the
-- column's limit, so that one absurd price or deposit does not keep everyone else from having a snapshot.
create function book.snapshot_numbers(sol numeric, value_sol numeric, gain_sol numeric)
returns table (
    sol_balance numeric, positions_value_sol numeric, portfolio_balance_sol numeric, unrealized_pnl_sol numeric
)
language sql
immutable
parallel safe
as $$
    select
        round(held.sol, 8),
        round(held.value_sol, 8),
        round(held.sol + held.value_sol, 8),
        round(greatest(least(gain_sol, most.number), -most.number), 8)
    from (values (999999999999.99999999)) as most (number)
    cross join lateral (
        select
            capped.sol,
            least(value_sol, most.number - greatest(capped.sol, 0)) as value_sol
        from (select greatest(least(snapshot_numbers.sol, most.number), -most.number) as sol) as capped
    ) as held
$$;

comment on function book.snapshot_numbers(numeric, numeric, numeric) is
'Numbers of agent_balance_snapshots from exact ones: SOL held, market value of tokens and that less their cost, all in
SOL. Rounded once to 8 decimals; held at 10^12 less the last digit, where the market value gives way to the SOL.';
