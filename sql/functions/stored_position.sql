-- The state of the fold as agent_positions stores it.
create function book.stored_position(p public.agent_positions)
returns book.position_state
language sql
immutable
as $$
    select row(
        p.remaining_amount,
        p.cost_basis_sol,
        p.cost_basis_usd,
        p.id,
        p.created_at,
        p.signal_id,
        p.managed,
        p.purchase_amount,
        p.invested_sol,
        p.invested_usd,
        p.realized_profit_sol,
        p.realized_profit_usd,
        p.buy_count,
        p.last_dca_time,
        p.last_sale_transaction_id,
        p.is_dust,
        false,
        0,
        0,
        false,
        null
    )::book.position_state
$$;

comment on function book.stored_position(public.agent_positions) is
'The state of the fold as agent_positions stores it.';
