-- Folds the facts of each token history, after its start, in the order of the book. Reads only; the state after every
-- transaction comes back, with refusals in it.
--
-- The facts are read history by history, in index order: a join would be planned for the table as it was when the
-- session first came here, and read a table that has grown since as a whole.
create function book.fold_histories(histories book.token_history[])
returns book.position_step[]
language plpgsql
stable
as $$
declare
    s public.settings;
begin
    select settings.* into s from public.settings;
    return (
        with facts as (
            select
                h.user_id,
                h.agent_id,
                h.wallet_address,
                h.token_address,
                t.input_symbol as token_symbol,
                t.ledger_order,
                t.transaction_time,
                t.leg,
                null::book.position_state as start
            from unnest(histories) as h
            cross join lateral (
                select
                    g.input_symbol,
                    g.ledger_order,
                    g.transaction_time,
                    book.position_leg(g, h.token_address, s.quote_tokens) as leg
                from public.agent_transactions as g
                where
                    g.agent_id = h.agent_id
                    and g.wallet_address = h.wallet_address
                    and g.input_mint = h.token_address
                    and g.voided_at is null
                    and (g.transaction_time, g.ledger_order) > (h.after_time, h.after_order)
                order by g.transaction_time, g.ledger_order
                offset 0
            ) as t
            union all
            select
                h.user_id,
                h.agent_id,
                h.wallet_address,
                h.token_address,
                t.output_symbol,
                t.ledger_order,
                t.transaction_time,
                t.leg,
                null::book.position_state
            from unnest(histories) as h
            cross join lateral (
                select
                    g.output_symbol,
                    g.ledger_order,
                    g.transaction_time,
                    book.position_leg(g, h.token_address, s.quote_tokens) as leg
                from public.agent_transactions as g
                where
                    g.agent_id = h.agent_id
                    and g.wallet_address = h.wallet_address
                    and g.output_mint = h.token_address
                    and g.voided_at is null
                    and (g.transaction_time, g.ledger_order) > (h.after_time, h.after_order)
                order by g.transaction_time, g.ledger_order
                offset 0
            ) as t
            union all
            select
                h.user_id,
                h.agent_id,
                h.wallet_address,
                h.token_address,
                null,
                -1,
                '-infinity',
                null::book.position_leg,
                h.start
            from unnest(histories) as h
            where (h.start).position_id is not null
        ),

        folded as (
            select
                f.user_id,
                f.agent_id,
                f.wallet_address,
                f.token_address,
                f.token_symbol,
                f.ledger_order,
                f.transaction_time,
                f.leg,
                book.fold_positions(f.start, f.leg, s.dust_ratio) over history as state,
                lead(f.ledger_order) over history is null as is_last
            from facts as f
            window history as (
                partition by f.agent_id, f.wallet_address, f.token_address
                order by f.transaction_time, f.ledger_order
                rows unbounded preceding
            )
        )

        select coalesce(
            array_agg(
                row(
                    f.user_id,
                    f.agent_id,
                    f.wallet_address,
                    f.token_address,
                    f.token_symbol,
                    f.ledger_order,
                    f.leg,
                    f.state,
                    f.is_last
                )::book.position_step
                order by f.wallet_address, f.token_address, f.transaction_time, f.ledger_order
            ),
            '{}'
        )
        from folded as f
        -- The start is no step. Facts have finite times, and may have any number in the order.
        where f.transaction_time > '-infinity'
    );
end
$$;

comment on function book.fold_histories(book.token_history[]) is
'The state after every transaction of each token history, in the order of the book. Reads only.';
