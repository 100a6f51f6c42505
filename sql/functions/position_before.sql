-- The position as it was before a place in the order of the book: what is stored, less what came after.
--
-- Reads the facts from that place on alone, and what stands just before it. What each sale and withdrawal released is
-- stored to the last digit, so taking it back is exact; a position that has ended since left what it had been on the
-- sale or withdrawal that ended it. h.start is the stored position. added: facts that it does not count yet; removed:
-- facts that it counts although they are voided.
create function book.position_before(
    h book.token_history, from_time timestamptz, from_order bigint, added uuid[], removed uuid[]
)
returns book.position_state
language plpgsql
stable
as $$
declare
    dust constant numeric := (select s.dust_ratio from public.settings as s);
    quote_tokens constant text[] := (select s.quote_tokens from public.settings as s);
    stored constant book.position_state := h.start;
    legs constant book.folded_leg[] := book.folded_legs(h, from_time, from_order, added, removed);
    first_release book.folded_leg;
    last_release book.folded_leg;
    ending book.folded_leg;
    own book.folded_leg[];
    opener public.agent_transactions;
    before book.position_state;
begin
    select
        coalesce(stored.remaining_amount, 0) - coalesce(sum(case when l.comes_in then l.amount else -l.amount end), 0),
        coalesce(stored.cost_basis_sol, 0)
        - coalesce(sum(case when l.comes_in then l.cost_sol else -l.cost_sol end), 0),
        coalesce(stored.cost_basis_usd, 0)
        - coalesce(sum(case when l.comes_in then l.cost_usd else -l.cost_usd end), 0)
    into before.remaining_amount, before.cost_basis_sol, before.cost_basis_usd
    from unnest(legs) as l;
    if before.remaining_amount = 0 then
        return null;
    end if;

    -- The position in force is the one that the next release takes from.
    select l.* into first_release
    from unnest(legs) with ordinality as l
    where not l.comes_in
    order by l.ordinality
    limit 1;
    before.position_id := coalesce(first_release.position_id, stored.position_id);
    select l.* into last_release
    from unnest(legs) with ordinality as l
    where l.position_id = before.position_id
    order by l.ordinality desc
    limit 1;
    select l.* into ending
    from unnest(legs) with ordinality as l
    where l.position_id = before.position_id and l.closes_position
    order by l.ordinality desc
    limit 1;

    if exists (select from unnest(legs) as l where l.comes_in and l.id = before.position_id) then
        before.position_id := null;
    elsif before.position_id = stored.position_id then
        before.purchase_amount := stored.purchase_amount;
        before.buy_count := stored.buy_count;
        before.invested_sol := stored.invested_sol;
        before.invested_usd := stored.invested_usd;
        before.realized_profit_sol := stored.realized_profit_sol;
        before.realized_profit_usd := stored.realized_profit_usd;
        own := legs;
    elsif ending.id is not null then
        before.purchase_amount := ending.position_purchase_amount;
        before.buy_count := ending.position_buy_count;
        before.invested_sol := ending.position_invested_sol;
        before.invested_usd := ending.position_invested_usd;
        before.realized_profit_sol := ending.position_profit_sol;
        before.realized_profit_usd := ending.position_profit_usd;
        own := array(
            select l
            from unnest(legs) as l
            where
                (
                    l.comes_in
                    and (l.transaction_time, l.ledger_order)
                    < (last_release.transaction_time, last_release.ledger_order)
                )
                or (
                    l.position_id = before.position_id
                    and (l.transaction_time, l.ledger_order) <= (ending.transaction_time, ending.ledger_order)
                )
        );
    else
        before.position_id := null;
    end if;

    if before.position_id is null then
        -- What is held are crumbs of a position that had ended before.
        before := book.crumbs_before(h, before, from_time, from_order, added);
    else
        select
            before.purchase_amount - coalesce(sum(l.amount) filter (where l.comes_in), 0),
            before.buy_count - count(*) filter (where l.is_buy),
            before.invested_sol - coalesce(sum(l.cost_sol) filter (where l.comes_in), 0),
            before.invested_usd - coalesce(sum(l.cost_usd) filter (where l.comes_in), 0),
            before.realized_profit_sol - coalesce(sum(l.gain_sol), 0),
            before.realized_profit_usd - coalesce(sum(l.gain_usd), 0)
        into
            before.purchase_amount,
            before.buy_count,
            before.invested_sol,
            before.invested_usd,
            before.realized_profit_sol,
            before.realized_profit_usd
        from unnest(own) as l;
    end if;

    select t.* into opener from public.agent_transactions as t where t.id = before.position_id;
    before.opened_at := opener.transaction_time;
    before.signal_id := opener.signal_id;
    before.managed := opener.transaction_type = 'SWAP' and h.token_address <> all (quote_tokens);
    before.is_closed := before.remaining_amount <= before.purchase_amount * dust;
    before.last_dca_time := case
        when before.buy_count > 1 then (
            select t.transaction_time
            from public.agent_transactions as t
            where
                -- As a row: book.last_symbol tells why.
                t.wallet_address = h.wallet_address
                and (t.output_mint, t.transaction_time, t.ledger_order) >= (h.token_address, '-infinity', 0)
                and (t.output_mint, t.transaction_time, t.ledger_order) < (h.token_address, from_time, from_order)
                and t.voided_at is null
                and t.id <> all (added)
            order by t.output_mint desc, t.transaction_time desc, t.ledger_order desc
            limit 1
        )
    end;
    before.last_sale_transaction_id := book.last_sale_before(h, before, from_time, from_order);
    return before;
end
$$;

comment on function book.position_before(book.token_history, timestamptz, bigint, uuid[], uuid[]) is
'The position as it was before a place in the order of the book; NULL where nothing was held. purchase_amount is NULL
where the release that ended the position was stored without it.';
