-- The row of agent_positions for a state of the fold. The state of the rules is that of a position which begins with
-- its last buy: the peak is the price of that, and the take-profit ladder what was held then.
create function book.position_row(
    owner uuid,
    agent uuid,
    wallet text,
    token text,
    symbol text,
    s book.position_state,
    dca_transaction_ids uuid[],
    buy_price numeric,
    held_after_buy numeric
)
returns public.agent_positions
language sql
stable
as $$
    select row(
        s.position_id,
        agent,
        wallet,
        token,
        symbol,
        s.position_id,
        book.price_to_read(s.cost_basis_sol, s.remaining_amount),
        s.purchase_amount,
        null,
        nullif(buy_price, 0),
        nullif(buy_price, 0),
        null,
        greatest(s.buy_count - 1, 0),
        dca_transaction_ids,
        s.last_dca_time,
        round(s.invested_sol, 8),
        s.opened_at,
        now(),
        owner,
        s.signal_id,
        s.remaining_amount,
        s.invested_sol,
        s.invested_usd,
        s.cost_basis_sol,
        s.cost_basis_usd,
        s.realized_profit_sol,
        s.realized_profit_usd,
        s.buy_count,
        s.last_sale_transaction_id,
        s.managed,
        s.is_closed,
        null,
        held_after_buy,
        0,
        null,
        null,
        null,
        null,
        null
    )::public.agent_positions
$$;

comment on function book.position_row(
    uuid, uuid, text, text, text, book.position_state, uuid[], numeric, numeric
) is
'The row of agent_positions for a state of the fold. dca_transaction_ids: its buys after the first; buy_price (SOL per
token) and held_after_buy (whole tokens): of and after its last buy among the facts that are posted, NULL where there is
none.';
