-- Tells of orders that came to nothing, or were filled, where they came from: the execution of a signal, or the action
-- of a rule; and what a filled sale of the take-profit ladder leaves of it.
create function book.end_orders(orders uuid[], at timestamptz)
returns void
language plpgsql
volatile
as $$
begin
    update public.signal_executions as e
    set
        status = case o.status when 'filled' then 'success' else 'failed' end,
        transaction_id = o.transaction_id,
        reason = case when o.status <> 'filled' then 'order_' || o.status end,
        error = o.error,
        executed_at = at
    from public.trade_orders as o
    where o.id = any (orders) and e.agent_id = o.agent_id and e.order_id = o.id;

    update public.position_actions as a
    set
        status = case o.status when 'filled' then 'success' else 'failed' end,
        transaction_id = o.transaction_id,
        reason = case when o.status <> 'filled' then 'order_' || o.status end,
        error = o.error
    from public.trade_orders as o
    where o.id = any (orders) and a.agent_id = o.agent_id and a.order_id = o.id;

    update public.agent_positions as p
    set
        take_profit_levels_done = greatest(p.take_profit_levels_done, o.levels_done),
        moon_bag_amount = coalesce(p.moon_bag_amount, o.moon_bag_amount),
        quiet_until = null
    from public.trade_orders as o
    where
        o.id = any (orders)
        and o.status = 'filled'
        and o.reason = 'take_profit'
        and p.agent_id = o.agent_id
        and p.wallet_address = o.wallet_address
        and p.token_address = o.token_address
        and p.id = o.position_id
        -- A buy since then has begun the ladder anew.
        and coalesce(p.last_dca_time <= o.created_at, true);

    -- The cooldown runs from a purchase that came to nothing too.
    update public.agent_positions as p
    set
        dca_skipped_at = at,
        quiet_until = null
    from public.trade_orders as o
    where
        o.id = any (orders)
        and o.status in ('failed', 'expired')
        and o.reason = 'dca'
        and p.agent_id = o.agent_id
        and p.id = o.position_id;
end
$$;

comment on function book.end_orders(uuid[], timestamptz) is
'Tells the executions and actions that orders came of how these ended. at: now.';
