-- What an agent, or one of its wallets, held at the instant before which a period ends, at the prices of then.
--
-- What is held now, less what came after: it costs what came after.
create function book.values_at(agent uuid, at timestamptz, wallet text)
returns table (wallet_address text, token_address text, cost_basis_sol numeric, value_sol numeric)
language plpgsql
stable
as $$
begin
    return query
    select
        h.wallet_address,
        h.token_address,
        h.cost_basis_sol,
        round(h.amount * price.price_sol, 18)
    from (
        select
            x.wallet_address,
            x.token_address,
            sum(x.amount) as amount,
            sum(x.cost_basis_sol) as cost_basis_sol
        from (
            select
                p.wallet_address::text,
                p.token_address::text,
                p.remaining_amount as amount,
                p.cost_basis_sol
            from public.agent_positions as p
            where p.agent_id = agent
            union all
            select
                c.wallet_address,
                c.token_address,
                -c.amount,
                -c.cost_sol
            from book.token_changes as c
            where c.agent_id = agent and c.transaction_time >= at and c.token_address <> book.sol_mint()
        ) as x
        where wallet is null or x.wallet_address = wallet
        group by x.wallet_address, x.token_address
        having sum(x.amount) > 0
    ) as h
    left join lateral book.latest_price(h.token_address, least(at, now())) as price on true;
end
$$;

comment on function book.values_at(uuid, timestamptz, text) is
'What an agent held of each token but SOL after all facts before an instant: cost, and market value at the latest price
observed until then, SOL; NULL where there was none. wallet: NULL is all.';
