-- The managed positions in some tokens that their rules change or act on at the latest prices.
--
-- wallets: those that are looked at; NULL is all. at: now. since: see book.stirred_positions.
create function book.review_positions(
    tokens text[], wallets text[], at timestamptz, since jsonb default '{}'
)
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
            s.p,
            w.wallet_type,
            a.simulation_slippage_bps,
            a.simulation_fee_lamports,
            r.rules,
            s.price_sol,
            s.price_usd,
            s.observed_at,
            s.highest,
            s.lowest,
            book.judge_position(
                s.p,
                r.rules,
                case w.wallet_type
                    when 'live' then a.automated_trading_live
                    else a.automated_trading_simulation
                end,
                case
                    when w.wallet_type = 'live' then (
                        select case
                            when
                                coalesce(o.claimed_until <= review_positions.at, true)
                                and (
                                    o.reason in ('signal', 'dca', 'take_profit')
                                    -- Nobody can claim it any more.
                                    or o.expires_at <= review_positions.at
                                )
                                then 'waiting'
                            else 'taken'
                        end
                        from public.trade_orders as o
                        where
                            o.wallet_address = (s.p).wallet_address
                            and o.token_address = (s.p).token_address
                            and o.status in ('pending', 'claimed')
                    )
                end,
                case
                    when (r.rules -> 'dca' ->> 'enabled')::boolean then
                        book.sol_to_spend((s.p).agent_id, (s.p).wallet_address)
                end,
                s.price_sol,
                s.highest,
                s.lowest,
                s.observed_at,
                review_positions.at
            ) as verdict
        from book.stirred_positions(tokens, wallets, review_positions.at, since) as s
        inner join public.agents as a on a.id = (s.p).agent_id
        inner join public.agent_wallets as w
            on w.agent_id = (s.p).agent_id and w.wallet_address = (s.p).wallet_address
        cross join lateral (select coalesce(a.trading_rules, book.default_trading_rules()) as rules) as r
        where not s.is_quiet
        -- Judged once each, however often the verdict is read.
        offset 0
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
        or (j.verdict).quiet_from is distinct from (j.p).quiet_from
        or (j.verdict).quiet_to is distinct from (j.p).quiet_to
        or (j.verdict).quiet_until is distinct from (j.p).quiet_until
$$;

comment on function book.review_positions(text[], text[], timestamptz, jsonb) is
'The managed positions in some tokens, of some wallets (NULL: all), whose state the latest prices change, or whose rules
act at them: book.judge_position. at: now.';
