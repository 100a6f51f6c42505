-- The fold: a position and what happens to it next -> the position after it, and what that did.
--
-- The only place that knows what a trade does to a position. Pure: trades that arrive in order and late
-- ones come here, one or thousands at a time, and so does the audit. A transaction that cannot be leaves the position
-- as it was, with the reason in state.refusal, so that one pass finds every such row.
create function book.fold_position(s book.position_state, leg book.position_leg, dust_ratio numeric)
returns book.position_state
language plpgsql
immutable
parallel safe
as $$
declare
    before constant book.position_state := s;
    gain_sol numeric := 0;
    gain_usd numeric := 0;
begin
    if s.remaining_amount is null then
        s.remaining_amount := 0;
        s.cost_basis_sol := 0;
        s.cost_basis_usd := 0;
        s.is_closed := true;
    end if;
    s.is_dca := false;
    s.released_sol := 0;
    s.released_usd := 0;
    s.closes := false;
    s.refusal := null;

    if leg.kind in ('buy', 'deposit') then
        if s.is_closed then
            -- Crumbs of the one before, and their cost, are taken over.
            s.position_id := leg.transaction_id;
            s.opened_at := leg.transaction_time;
            s.signal_id := leg.signal_id;
            s.managed := leg.kind = 'buy' and leg.can_be_managed;
            s.purchase_amount := s.remaining_amount;
            s.invested_sol := s.cost_basis_sol;
            s.invested_usd := s.cost_basis_usd;
            s.realized_profit_sol := 0;
            s.realized_profit_usd := 0;
            s.buy_count := 0;
            s.last_dca_time := null;
            s.last_sale_transaction_id := null;
            s.is_closed := false;
        end if;
        s.remaining_amount := s.remaining_amount + leg.amount;
        s.purchase_amount := s.purchase_amount + leg.amount;
        s.cost_basis_sol := s.cost_basis_sol + leg.value_sol;
        s.cost_basis_usd := s.cost_basis_usd + leg.value_usd;
        s.invested_sol := s.invested_sol + leg.value_sol;
        s.invested_usd := s.invested_usd + leg.value_usd;
        if leg.kind = 'buy' then
            if s.buy_count > 0 then
                s.is_dca := true;
                s.last_dca_time := leg.transaction_time;
            end if;
            s.buy_count := s.buy_count + 1;
        end if;
    else
        if leg.amount > s.remaining_amount then
            s.refusal := 'insufficient_holding';
            return s;
        end if;
        if leg.amount = s.remaining_amount then
            s.released_sol := s.cost_basis_sol;
            s.released_usd := s.cost_basis_usd;
        else
            s.released_sol := book.round_quotient(s.cost_basis_sol * leg.amount, s.remaining_amount);
            s.released_usd := book.round_quotient(s.cost_basis_usd * leg.amount, s.remaining_amount);
        end if;
        s.remaining_amount := s.remaining_amount - leg.amount;
        s.cost_basis_sol := s.cost_basis_sol - s.released_sol;
        s.cost_basis_usd := s.cost_basis_usd - s.released_usd;
        if leg.kind <> 'withdrawal' then
            gain_sol := leg.value_sol - s.released_sol;
            gain_usd := leg.value_usd - s.released_usd;
            s.realized_profit_sol := s.realized_profit_sol + gain_sol;
            s.realized_profit_usd := s.realized_profit_usd + gain_usd;
            -- A sale of crumbs comes after the end: the sale before it stays the position's last.
            if not s.is_closed then
                s.last_sale_transaction_id := leg.transaction_id;
            end if;
        end if;
        s.closes := not s.is_closed and s.remaining_amount <= s.purchase_amount * dust_ratio;
        s.is_closed := s.is_closed or s.closes;
    end if;

    -- What numeric(38, 18) and numeric(20, 8) cannot hold.
    if
        s.purchase_amount >= 1e20 or s.invested_sol >= 1e12 - 1 or s.invested_usd >= 1e20
        or abs(gain_sol) >= 1e12 - 1 or abs(gain_usd) >= 1e12 - 1
        or abs(s.realized_profit_sol) >= 1e20 or abs(s.realized_profit_usd) >= 1e20
    then
        s := before;
        s.refusal := 'amount_out_of_range';
    end if;
    return s;
end
$$;

comment on function book.fold_position(book.position_state, book.position_leg, numeric) is
'The position after one transaction, and what that transaction did. Pure. dust_ratio: settings.dust_ratio.';
