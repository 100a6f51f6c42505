-- A token history that is to be folded again from a place in the middle.
create function book.history_from(
    h book.token_history, from_time timestamptz, from_order bigint, added uuid[], removed uuid[]
)
returns book.token_history
language plpgsql
stable
as $$
begin
    h.token_symbol := coalesce(book.last_symbol(h.agent_id, h.wallet_address, h.token_address), h.token_symbol);
    h.start := book.position_before(h, from_time, from_order, added, removed);
    h.after_time := from_time;
    h.after_order := from_order - 1;
    if (h.start).purchase_amount is null and (h.start).remaining_amount > 0 then
        -- Its end was stored by a release that did not keep what a position had taken in: fold all of it.
        h.start := null;
        h.after_time := '-infinity';
    end if;
    return h;
end
$$;

comment on function book.history_from(book.token_history, timestamptz, bigint, uuid[], uuid[]) is
'The history with the position before a place as its start, so that the facts from there on are folded again.';
