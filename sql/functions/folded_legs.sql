-- The transactions of a token history from a place on, as the stored rows count them, in the order of the book.
--
-- added: facts that these do not count yet; removed: facts that they count although they are voided.
create function book.folded_legs(
    h book.token_history, from_time timestamptz, from_order bigint, added uuid[], removed uuid[]
)
returns book.folded_leg[]
language plpgsql
stable
as $$
begin
    return array(
        select row(
            leg.id,
            leg.transaction_time,
            leg.ledger_order,
            r.id is null,
            leg.is_buy,
            leg.amount,
            coalesce(r.cost_basis_sol, leg.value_sol),
            coalesce(r.cost_basis_usd, leg.value_usd),
            coalesce(r.gain_sol, 0),
            coalesce(r.gain_usd, 0),
            r.position_id,
            coalesce(r.closes_position, false),
            r.position_purchase_amount,
            r.position_buy_count,
            r.position_invested_sol,
            r.position_invested_usd,
            r.position_profit_sol,
            r.position_profit_usd
        )::book.folded_leg
        from (
            select
                t.id,
                t.transaction_time,
                t.ledger_order,
                false as is_buy,
                t.input_amount as amount,
                t.value_sol,
                t.value_usd,
                t.transaction_type <> 'DEPOSIT' as is_release
            from public.agent_transactions as t
            where
                t.agent_id = h.agent_id
                and t.wallet_address = h.wallet_address
                and t.input_mint = h.token_address
                and (t.transaction_time, t.ledger_order) >= (from_time, from_order)
                and (t.voided_at is null or t.id = any (removed))
                and t.id <> all (added)
            union all
            select
                buy.id,
                buy.transaction_time,
                buy.ledger_order,
                true,
                buy.output_amount,
                (buy.leg).value_sol,
                (buy.leg).value_usd,
                false
            from (
                select
                    t.id,
                    t.transaction_time,
                    t.ledger_order,
                    t.output_amount,
                    book.position_leg(t, h.token_address, '{}') as leg
                from public.agent_transactions as t
                where
                    t.agent_id = h.agent_id
                    and t.wallet_address = h.wallet_address
                    and t.output_mint = h.token_address
                    and (t.transaction_time, t.ledger_order) >= (from_time, from_order)
                    and (t.voided_at is null or t.id = any (removed))
                    and t.id <> all (added)
                -- Once for both figures.
                offset 0
            ) as buy
        ) as leg
        left join lateral (
            select k.*
            from book.releases as k
            where k.id = leg.id and leg.is_release and k.token_address = h.token_address
            offset 0
        ) as r on true
        order by leg.transaction_time, leg.ledger_order
    );
end
$$;

comment on function book.folded_legs(book.token_history, timestamptz, bigint, uuid[], uuid[]) is
'The transactions of a token history from a place on, as the stored rows count them, in the order of the book.';
