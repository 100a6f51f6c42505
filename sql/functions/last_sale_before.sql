-- The last sale of the position that is in force before a place, where that is the last one of its token.
--
-- Not sorted, for the reason that book.last_symbol gives.
create function book.last_sale_before(
    h book.token_history, before book.position_state, from_time timestamptz, from_order bigint
)
returns uuid
language plpgsql
stable
set enable_sort = off
set enable_incremental_sort = off
set jit = off
as $$
begin
    return (
        select case when last.position_id = before.position_id then last.id end
        from (
            select
                w.id,
                w.position_id
            from public.agent_transactions as t
            cross join lateral (
                select
                    k.id,
                    k.position_id,
                    k.closes_position
                from public.agent_historical_swaps as k
                where k.id = t.id
                offset 0
            ) as w
            where
                t.agent_id = h.agent_id
                and t.wallet_address = h.wallet_address
                and (t.input_mint, t.transaction_time, t.ledger_order) >= (h.token_address, '-infinity', 0)
                and (t.input_mint, t.transaction_time, t.ledger_order) < (h.token_address, from_time, from_order)
                and t.transaction_type in ('SWAP', 'BURN')
                and t.voided_at is null
                -- A sale of crumbs is not the last one of its position.
                and (w.closes_position or not before.is_closed)
            order by t.input_mint desc, t.transaction_time desc, t.ledger_order desc
            limit 1
        ) as last
    );
end
$$;

comment on function book.last_sale_before(book.token_history, book.position_state, timestamptz, bigint) is
'The last sale or burn of a position that is in force before a place in the order of the book, as an id of
agent_historical_swaps; NULL where it has sold nothing.';
