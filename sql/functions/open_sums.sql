-- What agents, or one of their wallets, hold now at the latest prices, by group. No groups by what only sales have.
create function book.open_sums(agents uuid[], grouped_by text, wallet text)
returns table (
    key text,
    open_positions int,
    open_cost_sol numeric,
    open_value_sol numeric,
    unrealized_gain_sol numeric,
    unrealized_gain_percent numeric,
    unpriced_positions int,
    unpriced_cost_sol numeric,
    oldest_price_seconds numeric
)
language plpgsql
stable
as $$
begin
    return query
    select
        x.key,
        x.open_positions,
        x.open_cost_sol,
        x.open_value_sol,
        x.open_value_sol - x.priced_cost_sol,
        book.round_quotient(100 * (x.open_value_sol - x.priced_cost_sol), nullif(x.priced_cost_sol, 0)),
        x.unpriced_positions,
        x.open_cost_sol - x.priced_cost_sol,
        x.oldest_price_seconds
    from (
        select
            book.group_key(
                grouped_by, p.agent_id, p.wallet_address, p.token_address, null, p.signal_id, g.signal_type, g.source, null
            ) as key,
            count(*) filter (where not p.is_dust)::int as open_positions,
            sum(p.cost_basis_sol) as open_cost_sol,
            coalesce(sum(v.value_sol), 0.000000000000000000) as open_value_sol,
            coalesce(sum(p.cost_basis_sol) filter (where v.id is not null), 0.000000000000000000) as priced_cost_sol,
            count(*) filter (where v.id is null)::int as unpriced_positions,
            max(extract(epoch from now() - v.observed_at)) filter (where not p.is_dust) as oldest_price_seconds
        from public.agent_positions as p
        left join report.position_values as v on v.id = p.id
        left join public.trading_signals as g on g.id = p.signal_id
        where p.agent_id = any (agents) and (wallet is null or p.wallet_address = wallet)
        group by 1
    ) as x
    where grouped_by in ('total', 'agent', 'wallet', 'token', 'signal', 'signal_type', 'source');
end
$$;

comment on function book.open_sums(uuid[], text, text) is
'What agents hold now, by group: open_positions without crumbs, all else with them. SOL; percent of the cost of what has
a price; the age in seconds of the oldest price of an open position. What has no price is in no value and no gain.';
