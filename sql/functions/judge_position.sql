-- The rules of an agent, held against one position at one price: stop-loss, take-profit, stale trade, DCA, in this
-- order, one action at the most.
--
-- The only place that knows the rules' order. Pure: prices as they come, jobs, demos and replays come here. rules:
-- those in force (book.trading_rules). can_buy: whether automated trading is on for the position's wallet. open_order:
-- NULL where there is none; waiting: one that no executor is at, and that sells less than all or has expired: a stop
-- takes its place; taken: any other. balance: SOL in the wallet. price: the latest; highest, lowest: of all that came
-- since the position was last looked at, price included. observed_at: the price's time. at: now. Gains are of the
-- exact cost, cost_basis_sol / remaining_amount; purchase_price is for reading.
create function book.judge_position(
    p public.agent_positions,
    rules jsonb,
    can_buy boolean,
    open_order text,
    balance numeric,
    price numeric,
    highest numeric,
    lowest numeric,
    observed_at timestamptz,
    at timestamptz
)
returns book.position_verdict
language plpgsql
immutable
parallel safe
as $$
declare
    -- A price older than this triggers nothing.
    fresh constant interval := '60 seconds';
    stop constant jsonb := rules -> 'stopLoss';
    stale constant jsonb := rules -> 'staleTrade';
    v book.position_verdict;
    reasons jsonb := '{}';
    rise numeric;
    gain numeric;
    ladder record;
    dca record;
begin
    v.peak_price := p.peak_price;
    v.lowest_price := p.lowest_price;
    v.stop_loss_price := p.stop_loss_price;
    v.stop_percent := p.current_stop_loss_percentage;
    v.levels_done := p.take_profit_levels_done;
    v.moon_bag := p.moon_bag_amount;
    if not p.managed or p.is_dust or p.cost_basis_sol = 0 then
        v.reasons := jsonb_build_object('all', case
            when not p.managed then 'not_managed'
            when p.is_dust then 'dust'
            else 'no_cost'
        end);
        return v;
    end if;

    v.peak_price := greatest(p.peak_price, highest);
    v.lowest_price := least(p.lowest_price, lowest);
    rise := book.gain_percent(v.peak_price, p.remaining_amount, p.cost_basis_sol);
    gain := book.gain_percent(price, p.remaining_amount, p.cost_basis_sol);
    if (stop ->> 'enabled')::boolean then
        v.stop_loss_price := book.trailing_stop(stop, rise, p.remaining_amount, p.cost_basis_sol, p.stop_loss_price);
        v.stop_percent := book.stop_percent(v.stop_loss_price, p.remaining_amount, p.cost_basis_sol);
    else
        v.stop_loss_price := null;
        v.stop_percent := null;
    end if;

    if observed_at < at - fresh then
        v.reasons := '{"all": "price_too_old"}';
        return v;
    elsif open_order = 'taken' then
        v.reasons := '{"all": "order_open"}';
        return v;
    end if;

    if price <= v.stop_loss_price then
        v.rule := 'stop_loss';
        v.amount := p.remaining_amount;
        v.reasons := reasons;
        return v;
    end if;
    if open_order = 'waiting' then
        v.reasons := '{"all": "order_open"}';
        return v;
    end if;
    reasons := reasons || jsonb_build_object(
        'stopLoss', case when v.stop_loss_price is null then 'disabled' else 'above_stop' end
    );

    if (rules -> 'takeProfit' ->> 'enabled')::boolean then
        ladder := book.take_profit_step(
            rules -> 'takeProfit',
            gain,
            coalesce(p.take_profit_base, p.remaining_amount),
            p.remaining_amount,
            p.take_profit_levels_done,
            p.moon_bag_amount
        );
        v.levels_done := ladder.done;
        v.moon_bag := ladder.moon_bag;
        if ladder.sells > 0 then
            v.rule := 'take_profit';
            v.amount := ladder.sells;
            v.reasons := reasons;
            return v;
        end if;
        reasons := reasons || jsonb_build_object(
            'takeProfit', case when ladder.percent > 0 then 'nothing_to_sell' else 'no_new_level' end
        );
    else
        reasons := reasons || '{"takeProfit": "disabled"}';
    end if;

    if not (stale ->> 'enabled')::boolean then
        reasons := reasons || '{"staleTrade": "disabled"}';
    elsif at < p.created_at + (stale ->> 'minHoldTimeMinutes')::int * interval '1 minute' then
        reasons := reasons || '{"staleTrade": "too_young"}';
    elsif gain between (stale ->> 'minProfitPercent')::numeric and (stale ->> 'maxProfitPercent')::numeric then
        v.rule := 'stale_trade';
        v.amount := p.remaining_amount;
        v.reasons := reasons;
        return v;
    else
        reasons := reasons || '{"staleTrade": "gain_outside"}';
    end if;

    dca := book.dca_step(
        rules,
        can_buy,
        gain,
        price * p.remaining_amount,
        p.dca_count,
        greatest(p.last_dca_time, p.dca_skipped_at),
        coalesce(p.remaining_amount <= p.moon_bag_amount, false),
        balance,
        at
    );
    if dca.reason is null then
        v.rule := 'dca';
        v.amount := dca.spends;
    else
        reasons := reasons || jsonb_build_object('dca', dca.reason);
        select
            b.from_price,
            b.to_price,
            b.until_time
        into v.quiet_from, v.quiet_to, v.quiet_until
        from book.quiet_band(p, rules, v, rise, gain, dca.reason, at) as b;
    end if;
    v.reasons := reasons;
    return v;
end
$$;

comment on function book.judge_position(
    public.agent_positions, jsonb, boolean, text, numeric, numeric, numeric, numeric, timestamptz, timestamptz
) is
'What the rules of an agent say of a position at a price (SOL per token): its new peak, stop and ladder; one action at
the most (stop_loss, take_profit, stale_trade, dca); and why the rules before it did nothing. Pure.';
