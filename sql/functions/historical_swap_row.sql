-- The row of agent_historical_swaps for a sale or burn: what it did (leg, s), and the step that ended its position,
-- which is the same one, a later withdrawal, or none.
create function book.historical_swap_row(
    t public.agent_transactions,
    token text,
    symbol text,
    leg book.position_leg,
    s book.position_state,
    closing_leg book.position_leg,
    closing book.position_state
)
returns public.agent_historical_swaps
language sql
stable
as $$
    select row(
        t.id,
        t.agent_id,
        t.wallet_address,
        token,
        symbol,
        leg.amount,
        book.price_to_read(s.released_sol, leg.amount),
        case leg.kind when 'burn' then 0 else book.price_to_read(t.value_sol, leg.amount) end,
        book.percent_to_read(leg.value_sol - s.released_sol, s.released_sol),
        round(leg.value_usd - s.released_usd, 8),
        round(leg.value_sol - s.released_sol, 8),
        s.opened_at,
        t.transaction_time,
        s.position_id,
        t.id,
        s.signal_id,
        case leg.kind when 'burn' then coalesce(t.close_reason, 'burn') else t.close_reason end,
        now(),
        t.user_id,
        s.position_id,
        s.released_sol,
        s.released_usd,
        leg.value_sol,
        leg.value_usd,
        closing.position_id is not null,
        closing.invested_sol,
        closing.invested_usd,
        closing.realized_profit_sol,
        closing.realized_profit_usd,
        closing.purchase_amount,
        closing.buy_count,
        closing_leg.transaction_time,
        closing_leg.transaction_id
    )::public.agent_historical_swaps
$$;

comment on function book.historical_swap_row(
    public.agent_transactions,
    text,
    text,
    book.position_leg,
    book.position_state,
    book.position_leg,
    book.position_state
) is
'The row of agent_historical_swaps for a sale or burn of a token (leg, and the state after it), which carries the sums
of its position where that ended with it, or with a withdrawal after it (closing); else closing is NULL.';
