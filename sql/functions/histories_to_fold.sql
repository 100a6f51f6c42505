-- From where the fold of each changed token has to go on. The caller holds the locks of the wallets.
--
-- Where all that is new lies after what is folded already, the stored position is the start.
create function book.histories_to_fold(changes book.balance_change[])
returns book.token_history[]
language plpgsql
stable
as $$
begin
    return (
        select coalesce(array_agg(row(
            c.user_id,
            c.agent_id,
            c.wallet_address,
            c.token_address,
            c.is_refolded,
            case when p.id is not null and not c.is_refolded then book.stored_position(p) end,
            case
                when c.is_refolded or c.last_transaction_time is null then '-infinity'
                else c.last_transaction_time
            end,
            case when c.is_refolded or c.last_ledger_order is null then 0 else c.last_ledger_order end
        )::book.token_history), '{}')
        from (
            select
                n.user_id,
                n.agent_id,
                n.wallet_address,
                n.token_address,
                b.last_transaction_time,
                b.last_ledger_order,
                coalesce(
                    (n.first_time, n.first_order) <= (b.last_transaction_time, b.last_ledger_order), false
                ) as is_refolded
            from unnest(changes) as n
            left join public.agent_balances as b
                on b.wallet_address = n.wallet_address and b.token_address = n.token_address
            where n.token_address <> book.sol_mint()
        ) as c
        left join public.agent_positions as p
            on
                p.agent_id = c.agent_id
                and p.wallet_address = c.wallet_address
                and p.token_address = c.token_address
    );
end
$$;

comment on function book.histories_to_fold(book.balance_change[]) is
'From where the fold of each changed token has to go on: the stored position, or its first fact.';
