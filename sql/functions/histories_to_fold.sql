-- From where the fold of each changed token has to go on. The caller holds the locks of the wallets.
--
-- Where all that is new lies after what is folded already, the stored position is the start; else the position as it
-- was before the first change (book.position_before).
create function book.histories_to_fold(changes book.balance_change[], added uuid[], removed uuid[])
returns book.token_history[]
language plpgsql
stable
as $$
declare
    in_order constant book.token_history[] := array(
        select row(
            n.user_id,
            n.agent_id,
            n.wallet_address,
            n.token_address,
            n.token_symbol,
            coalesce((n.first_time, n.first_order) <= (b.last_transaction_time, b.last_ledger_order), false),
            b.last_transaction_time,
            case when p.id is not null then book.stored_position(p) end,
            coalesce(b.last_transaction_time, '-infinity'),
            coalesce(b.last_ledger_order, 0),
            p.id,
            p.is_dust
        )::book.token_history
        from unnest(changes) as n
        left join public.agent_balances as b
            on b.wallet_address = n.wallet_address and b.token_address = n.token_address
        left join public.agent_positions as p
            on
                p.agent_id = n.agent_id
                and p.wallet_address = n.wallet_address
                and p.token_address = n.token_address
        where n.token_address <> book.sol_mint()
    );
begin
    if not exists (select from unnest(in_order) as h where h.is_refolded) then
        return in_order;
    end if;
    return array(
        select case
            when h.is_refolded then book.history_from(h, n.first_time, n.first_order, added, removed)
            else h
        end
        from unnest(in_order) as h
        inner join unnest(changes) as n
            on n.wallet_address = h.wallet_address and n.token_address = h.token_address
    );
end
$$;

comment on function book.histories_to_fold(book.balance_change[], uuid[], uuid[]) is
'From where the fold of each changed token has to go on: the stored position, or the one before the first change.
added, removed: the facts that the stored position does not and does still count.';
