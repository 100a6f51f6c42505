-- The short way of a swap of SOL and a token that comes after all others of the token in its wallet: by far the most
-- frequent fact. It goes through the same fold, and leaves the rows that book.post_facts would leave.
--
-- False, and nothing is done, for whatever is not of this kind or not as usual: post_facts takes that, and says what is
-- wrong with it. The caller holds the lock of the wallet. Raises insufficient_balance.
create function book.post_swap(t public.agent_transactions)
returns boolean
language plpgsql
volatile
as $$
declare
    sol constant text := book.sol_mint();
    buys constant boolean := t.input_mint = sol;
    mint constant text := case when buys then t.output_mint else t.input_mint end;
    symbol constant text := case when buys then t.output_symbol else t.input_symbol end;
    token_change constant numeric := case when buys then t.output_amount else -t.input_amount end;
    sol_change constant numeric := case when buys then -t.input_amount else t.output_amount end - t.fees_sol;
    s public.settings;
    p public.agent_positions;
    n public.agent_positions;
    w public.agent_historical_swaps;
    leg book.position_leg;
    state book.position_state;
    last_time timestamptz;
    last_order bigint;
    rows_changed int;
begin
    if t.transaction_type <> 'SWAP' or t.corrects is not null or (t.output_mint = sol) = buys then
        return false;
    end if;
    select
        b.last_transaction_time,
        b.last_ledger_order
    into last_time, last_order
    from public.agent_balances as b
    where b.wallet_address = t.wallet_address and b.token_address = mint;
    if (t.transaction_time, t.ledger_order) <= (last_time, last_order) then
        return false;
    end if;
    select k.* into p
    from public.agent_positions as k
    where k.agent_id = t.agent_id and k.wallet_address = t.wallet_address and k.token_address = mint;
    -- A position that takes over crumbs, and the last of several buys at one instant, are for the long way.
    if p.is_dust or p.last_dca_time = t.transaction_time then
        return false;
    end if;
    select k.* into s from public.settings as k;
    leg := book.position_leg(t, mint, s.quote_tokens);
    if p.id is not null then
        state := book.stored_position(p);
    end if;
    state := book.fold_position(state, leg, s.dust_ratio);
    if state.refusal is not null then
        return false;
    end if;

    update public.agent_balances as b
    set
        balance = book.balance_after(
            b.balance,
            case when b.token_address = sol then sol_change else token_change end,
            b.wallet_address,
            b.token_address
        ),
        token_symbol = case when b.token_address = sol then 'SOL' else symbol end,
        last_updated = now(),
        last_transaction_time = greatest(b.last_transaction_time, t.transaction_time),
        last_ledger_order = case
            when (t.transaction_time, t.ledger_order) > (b.last_transaction_time, b.last_ledger_order)
                then t.ledger_order
            else b.last_ledger_order
        end
    where b.wallet_address = t.wallet_address and b.token_address in (mint, sol);
    get diagnostics rows_changed = row_count;
    if rows_changed < 2 then
        insert into public.agent_balances (
            user_id,
            agent_id,
            wallet_address,
            token_address,
            token_symbol,
            balance,
            last_updated,
            last_transaction_time,
            last_ledger_order
        )
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            c.token_address,
            c.token_symbol,
            book.balance_after(null, c.change, t.wallet_address, c.token_address),
            now(),
            t.transaction_time,
            t.ledger_order
        from (values (mint, symbol, token_change), (sol, 'SOL', sol_change)) as c (token_address, token_symbol, change)
        where not exists (
            select
            from public.agent_balances as b
            where b.wallet_address = t.wallet_address and b.token_address = c.token_address
        )
        -- A row that the transaction is too old to see is a serialization failure, to be tried again.
        on conflict (wallet_address, token_address) do nothing;
    end if;

    if state.remaining_amount > 0 then
        n := book.position_row(
            t.user_id,
            t.agent_id,
            t.wallet_address,
            mint,
            symbol,
            state,
            case
                when state.is_dca then p.dca_transaction_ids || t.id
                else coalesce(p.dca_transaction_ids, '{}')
            end,
            leg.price_sol,
            case when buys then state.remaining_amount end
        );
    end if;
    if p.id is null then
        insert into public.agent_positions values (n.*);
    elsif state.remaining_amount = 0 then
        delete from public.agent_positions as k where k.agent_id = t.agent_id and k.id = p.id;
    elsif state.is_dca then
        -- A DCA buy that comes last starts the trail and the ladder anew.
        update public.agent_positions as k
        set
            token_symbol = n.token_symbol,
            purchase_price = n.purchase_price,
            purchase_amount = n.purchase_amount,
            current_stop_loss_percentage = null,
            peak_price = n.peak_price,
            lowest_price = least(k.lowest_price, n.lowest_price),
            last_stop_loss_update = null,
            dca_count = n.dca_count,
            dca_transaction_ids = n.dca_transaction_ids,
            last_dca_time = n.last_dca_time,
            total_invested_sol = n.total_invested_sol,
            remaining_amount = n.remaining_amount,
            invested_sol = n.invested_sol,
            invested_usd = n.invested_usd,
            cost_basis_sol = n.cost_basis_sol,
            cost_basis_usd = n.cost_basis_usd,
            buy_count = n.buy_count,
            stop_loss_price = null,
            take_profit_base = n.take_profit_base,
            take_profit_levels_done = 0,
            moon_bag_amount = null,
            dca_skipped_at = null,
            quiet_until = null
        where k.agent_id = t.agent_id and k.id = p.id;
    else
        update public.agent_positions as k
        set
            token_symbol = n.token_symbol,
            purchase_price = n.purchase_price,
            purchase_amount = n.purchase_amount,
            total_invested_sol = n.total_invested_sol,
            remaining_amount = n.remaining_amount,
            invested_sol = n.invested_sol,
            invested_usd = n.invested_usd,
            cost_basis_sol = n.cost_basis_sol,
            cost_basis_usd = n.cost_basis_usd,
            realized_profit_sol = n.realized_profit_sol,
            realized_profit_usd = n.realized_profit_usd,
            buy_count = n.buy_count,
            last_sale_transaction_id = n.last_sale_transaction_id,
            is_dust = n.is_dust,
            quiet_until = null
        where k.agent_id = t.agent_id and k.id = p.id;
    end if;

    if not buys then
        if state.closes then
            w := book.historical_swap_row(t, mint, symbol, leg, state, leg, state);
        else
            w := book.historical_swap_row(t, mint, symbol, leg, state, null, null);
        end if;
        insert into public.agent_historical_swaps values (w.*);
    end if;
    if t.is_dca is distinct from state.is_dca then
        update public.agent_transactions as k
        set is_dca = state.is_dca
        where k.agent_id = t.agent_id and k.id = t.id;
    end if;

    perform book.add_swap_to_totals(t.id);

    insert into public.event_outbox (user_id, agent_id, wallet_address, token_address, kind, change, subject_id)
    values
    (t.user_id, t.agent_id, t.wallet_address, null, 'transactions', 'booked', t.id),
    (
        t.user_id,
        t.agent_id,
        t.wallet_address,
        mint,
        'positions',
        case when p.id is null then 'opened' when state.is_closed then 'closed' else 'changed' end,
        coalesce(p.id, state.position_id)
    );
    return true;
end
$$;

comment on function book.post_swap(public.agent_transactions) is
'Brings everything derived into step with one swap of SOL and a token, where it is the last of the token; false, and
nothing is done, where it is not. Raises insufficient_balance (TB002).';
