-- Completes the state before a place where what is held are crumbs: the position that they are left of had ended.
create function book.crumbs_before(
    h book.token_history, before book.position_state, from_time timestamptz, from_order bigint, added uuid[]
)
returns book.position_state
language plpgsql
stable
set enable_sort = off
set enable_incremental_sort = off
set jit = off
as $$
declare
    ending record;
begin
    select
        t.transaction_time,
        t.ledger_order,
        r.position_id,
        r.position_purchase_amount,
        r.position_buy_count,
        r.position_invested_sol,
        r.position_invested_usd,
        r.position_profit_sol,
        r.position_profit_usd
    into ending
    from public.agent_transactions as t
    cross join lateral (select k.* from book.releases as k where k.id = t.id offset 0) as r
    where
        -- As a row, and not sorted: book.last_symbol tells why.
        t.agent_id = h.agent_id
        and t.wallet_address = h.wallet_address
        and (t.input_mint, t.transaction_time, t.ledger_order) >= (h.token_address, '-infinity', 0)
        and (t.input_mint, t.transaction_time, t.ledger_order) < (h.token_address, from_time, from_order)
        and t.voided_at is null
        and t.id <> all (added)
        and r.closes_position
    order by t.input_mint desc, t.transaction_time desc, t.ledger_order desc
    limit 1;

    before.position_id := ending.position_id;
    before.purchase_amount := ending.position_purchase_amount;
    before.buy_count := ending.position_buy_count;
    before.invested_sol := ending.position_invested_sol;
    before.invested_usd := ending.position_invested_usd;
    -- Crumbs may have been sold since.
    select
        ending.position_profit_sol + coalesce(sum(r.gain_sol), 0),
        ending.position_profit_usd + coalesce(sum(r.gain_usd), 0)
    into before.realized_profit_sol, before.realized_profit_usd
    from public.agent_transactions as t
    cross join lateral (select k.* from book.releases as k where k.id = t.id offset 0) as r
    where
        t.agent_id = h.agent_id
        and t.wallet_address = h.wallet_address
        and t.input_mint = h.token_address
        and (t.transaction_time, t.ledger_order) > (ending.transaction_time, ending.ledger_order)
        and (t.transaction_time, t.ledger_order) < (from_time, from_order)
        and t.voided_at is null
        and t.id <> all (added);
    return before;
end
$$;

comment on function book.crumbs_before(book.token_history, book.position_state, timestamptz, bigint, uuid[]) is
'The state with the position, ended before that place, of which the crumbs held then are left.';
