-- The buys after the first one of the position that a token history ends with, in the order of the book.
--
-- Those before the folded facts are the first ones that agent_positions stores; where it stores another position, they
-- are read from the facts.
create function book.dca_transaction_ids(h book.token_history, last book.position_state, folded uuid[])
returns uuid[]
language plpgsql
stable
as $$
declare
    known constant int := case
        when (h.start).position_id = last.position_id then greatest((h.start).buy_count - 1, 0) else 0
    end;
    before uuid[] := '{}';
begin
    if known > 0 then
        before := (
            select p.dca_transaction_ids[1:known]
            from public.agent_positions as p
            where
                p.agent_id = h.agent_id
                and p.wallet_address = h.wallet_address
                and p.token_address = h.token_address
                and p.id = last.position_id
        );
    end if;
    if before is null or cardinality(before) < known then
        before := array(
            select t.id
            from public.agent_transactions as t
            where
                t.agent_id = h.agent_id
                and t.wallet_address = h.wallet_address
                and t.output_mint = h.token_address
                and t.transaction_time >= last.opened_at
                and (t.transaction_time, t.ledger_order) <= (h.after_time, h.after_order)
                and t.voided_at is null
                and t.is_dca
            order by t.transaction_time desc, t.ledger_order desc
            limit known
        );
        before := array(select b.id from unnest(before) with ordinality as b (id, n) order by b.n desc);
    end if;
    return before || folded;
end
$$;

comment on function book.dca_transaction_ids(book.token_history, book.position_state, uuid[]) is
'The buys after the first one of the position that a token history ends with, in the order of the book. folded: those of
them that are among the folded facts; NULL where none is.';
