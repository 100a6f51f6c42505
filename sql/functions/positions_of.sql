-- The rows of agent_positions after the last step of each token history.
create function book.positions_of(histories book.token_history[], steps book.position_step[])
returns public.agent_positions[]
language plpgsql
stable
as $$
begin
    return array(
        select book.position_row(
            f.user_id,
            f.agent_id,
            f.wallet_address,
            f.token_address,
            f.token_symbol,
            f.state,
            case
                when (f.state).buy_count > 1 then book.dca_transaction_ids(f.history, f.state, dca.transaction_ids)
                else '{}'
            end,
            f.buy_price,
            f.held_after_buy
        )
        from (
            select
                h as history,
                h.user_id,
                h.agent_id,
                h.wallet_address,
                h.token_address,
                h.token_symbol,
                case when s.wallet_address is null then h.start else s.state end as state,
                buy.price_sol as buy_price,
                buy.held_after as held_after_buy
            from unnest(histories) as h
            left join unnest(steps) as s
                on s.wallet_address = h.wallet_address and s.token_address = h.token_address and s.is_last
            left join (
                select distinct on (b.wallet_address, b.token_address)
                    b.wallet_address,
                    b.token_address,
                    (b.leg).price_sol,
                    (b.state).remaining_amount as held_after
                from unnest(steps) as b
                where (b.leg).kind = 'buy'
                order by b.wallet_address, b.token_address, (b.leg).transaction_time desc, b.ledger_order desc
            ) as buy on buy.wallet_address = h.wallet_address and buy.token_address = h.token_address
        ) as f
        left join (
            select
                b.wallet_address,
                b.token_address,
                (b.state).position_id,
                array_agg((b.leg).transaction_id order by (b.leg).transaction_time, b.ledger_order) as transaction_ids
            from unnest(steps) as b
            where (b.state).is_dca
            group by b.wallet_address, b.token_address, (b.state).position_id
        ) as dca
            on
                dca.wallet_address = f.wallet_address
                and dca.token_address = f.token_address
                and dca.position_id = (f.state).position_id
        where (f.state).remaining_amount > 0
    );
end
$$;

comment on function book.positions_of(book.token_history[], book.position_step[]) is
'The rows of agent_positions after the last step of each token history; none where nothing is held.';
