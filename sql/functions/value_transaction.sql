-- Fills what a transaction is worth, in SOL and USD, from what it states and the prices known for its time.
--
-- What is stated is kept; what is missing is calculated; what cannot be known is refused (value_required), but for a
-- WITHDRAWAL, where no cost and no gain depends on it: 0, and marked. Pure but for reading token_prices.
create function book.value_transaction(
    t public.agent_transactions, price_source text, price_max_age interval
)
returns public.agent_transactions
language plpgsql
stable
as $$
declare
    stated_usd constant numeric := coalesce(t.value_usd, t.transaction_value_usd);
    stated_sol constant numeric := coalesce(t.value_sol, book.sol_leg(t));
    sol_usd public.token_prices;
    token public.token_prices;
begin
    t.fees_sol := coalesce(t.fees_sol, t.fees, 0);
    -- A fee of NULL is one that nobody told; it counts as 0 but is not shown as 0.
    if t.fees is null and t.fees_sol <> 0 then
        t.fees := book.fit(round(t.fees_sol, 8), 12, 'fees');
    end if;

    t.value_sol := stated_sol;
    t.value_usd := stated_usd;
    if t.transaction_type = 'BURN' and stated_sol is null then
        t.value_sol := 0;
        t.value_usd := coalesce(stated_usd, 0);
    elsif stated_sol is null and stated_usd = 0 then
        t.value_sol := 0;
    end if;

    if
        t.value_sol is null
        or t.value_usd is null
        or (t.fees_usd is null and t.fees_sol > 0 and (stated_usd is null or coalesce(stated_sol, 0) = 0))
    then
        sol_usd := book.price_at(book.sol_mint(), price_source, t.transaction_time, price_max_age);
    end if;

    if t.value_sol is null and stated_usd is not null and sol_usd.price_usd is not null then
        t.value_sol := book.fit(book.round_quotient(stated_usd, sol_usd.price_usd), 20, 'value_sol');
        t.sol_usd_price := sol_usd.price_usd;
    elsif t.value_sol is null and t.transaction_type in ('DEPOSIT', 'WITHDRAWAL') then
        token := book.price_at(t.input_mint, price_source, t.transaction_time, price_max_age);
        t.value_sol := book.fit(round(t.input_amount * token.price_sol, 18), 20, 'value_sol');
    end if;

    if t.value_usd is null and t.value_sol = 0 then
        t.value_usd := 0;
    elsif t.value_usd is null and sol_usd.price_usd is not null then
        t.value_usd := book.fit(round(t.value_sol * sol_usd.price_usd, 18), 12, 'value_usd');
        t.sol_usd_price := sol_usd.price_usd;
    end if;

    if t.fees_usd is null then
        if t.fees_sol = 0 then
            t.fees_usd := 0;
        elsif stated_sol > 0 and stated_usd is not null then
            t.fees_usd := book.fit(book.round_quotient(t.fees_sol * stated_usd, stated_sol), 20, 'fees_usd');
        elsif sol_usd.price_usd is not null then
            t.fees_usd := book.fit(round(t.fees_sol * sol_usd.price_usd, 18), 20, 'fees_usd');
            t.sol_usd_price := sol_usd.price_usd;
        end if;
    end if;

    if t.transaction_type = 'WITHDRAWAL' and (t.value_sol is null or t.value_usd is null or t.fees_usd is null) then
        t.value_is_unknown := true;
        t.value_sol := coalesce(t.value_sol, 0);
        t.value_usd := coalesce(t.value_usd, 0);
        t.fees_usd := coalesce(t.fees_usd, 0);
    elsif t.value_sol is null then
        perform book.refuse('value_required', 'value_sol', format(
            'neither side is SOL, no value is stated, and source %L has no price for %s',
            price_source,
            t.transaction_time
        ));
    elsif t.value_usd is null or t.fees_usd is null then
        perform book.refuse('value_required', 'value_usd', format(
            'no value in USD is stated, and source %L has no SOL/USD price for %s', price_source, t.transaction_time
        ));
    end if;

    if t.sol_usd_price is not null and t.sol_usd_price_source is null then
        t.sol_usd_price_source := price_source;
        t.sol_usd_price_age := t.transaction_time - sol_usd.observed_at;
    end if;
    t.transaction_value_usd := coalesce(
        t.transaction_value_usd, book.fit(round(t.value_usd, 8), 12, 'value_usd')
    );
    return t;
end
$$;

comment on function book.value_transaction(public.agent_transactions, text, interval) is
'The transaction with value_sol, value_usd, fees_sol, fees_usd and the price that was used filled in. Raises
value_required (TB001) and amount_out_of_range (TB004).';
