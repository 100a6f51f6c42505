-- The managed positions in some tokens that their rules change or act on at the latest prices.
--
-- wallets: those that are looked at; NULL is all. at: now. Prices from before the position opened, or before its last
-- DCA buy, say nothing of it.
create function book.review_positions(tokens text[], wallets text[], at timestamptz)
returns setof book.reviewed_position
language sql
stable
as $$
    select
        j.p,
        j.wallet_type,
        j.simulation_slippage_bps,
        j.simulation_fee_lamports,
        (j.rules -> 'purchaseLimits' ->> 'maxPriceImpact')::numeric,
        j.price_sol,
        j.observed_at,
        book.round_quotient(j.price_usd, j.price_sol),
        j.highest,
        j.lowest,
        (
            select b.last_transaction_time
            from public.agent_balances as b
            where b.wallet_address = (j.p).wallet_address and b.token_address = (j.p).token_address
        ),
        j.verdict,
        case when (j.verdict).amount is not null then gen_random_uuid() end,
        case
            when (j.verdict).rule = 'dca' then
                row_number() over (
                    partition by (j.p).wallet_address, (j.verdict).rule order by (j.p).created_at, (j.p).id
                )::int
            else 1
        end
    from (
        select
            p,
            w.wallet_type,
            a.simulation_slippage_bps,
            a.simulation_fee_lamports,
            r.rules,
            price.price_sol,
            price.price_usd,
            price.observed_at,
            seen.highest,
            seen.lowest,
            book.judge_position(
                p,
                r.rules,
                case w.wallet_type
                    when 'live' then a.automated_trading_live
                    else a.automated_trading_simulation
                end,
                w.wallet_type = 'live' and exists (
                    select from public.trade_orders as o
                    where
                        o.wallet_address = p.wallet_address
                        and o.token_address = p.token_address
                        and o.status in ('pending', 'claimed')
                ),
                case
                    when (r.rules -> 'dca' ->> 'enabled')::boolean then book.sol_to_spend(p.agent_id, p.wallet_address)
                end,
                price.price_sol,
                seen.highest,
                seen.lowest,
                price.observed_at,
                review_positions.at
            ) as verdict
        from unnest(tokens) as t (token_address)
        cross join lateral book.latest_price(t.token_address, review_positions.at) as price
        inner join public.agent_positions as p
            on
                p.token_address = t.token_address
                and p.managed
                and not p.is_dust
                and price.observed_at >= coalesce(p.last_dca_time, p.created_at)
                and (wallets is null or p.wallet_address = any (wallets))
        inner join public.agents as a on a.id = p.agent_id
        inner join public.agent_wallets as w on w.agent_id = p.agent_id and w.wallet_address = p.wallet_address
        cross join lateral (
            select
                greatest(price.price_sol, max(due.highest_price_sol)) as highest,
                least(price.price_sol, min(due.lowest_price_sol)) as lowest
            from public.position_actions as due
            where
                due.wallet_address = p.wallet_address
                and due.token_address = p.token_address
                and due.status = 'pending'
                and due.decided_at >= coalesce(p.last_dca_time, p.created_at)
        ) as seen
        cross join lateral (select coalesce(a.trading_rules, book.default_trading_rules()) as rules) as r
    ) as j
    where
        (j.verdict).rule is not null
        or (j.verdict).peak_price is distinct from (j.p).peak_price
        or (j.verdict).lowest_price is distinct from (j.p).lowest_price
        or (j.verdict).stop_loss_price is distinct from (j.p).stop_loss_price
        -- A deposit changes the cost that it is a percentage of, and not the stop.
        or (j.verdict).stop_percent is distinct from (j.p).current_stop_loss_percentage
        or (j.verdict).levels_done <> (j.p).take_profit_levels_done
        or (j.verdict).moon_bag is distinct from (j.p).moon_bag_amount
$$;

comment on function book.review_positions(text[], text[], timestamptz) is
'The managed positions in some tokens, of some wallets (NULL: all), whose state the latest prices change, or whose rules
act at them: book.judge_position. at: now.';
