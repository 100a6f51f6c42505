-- Stores the position after the last step of each token history, and removes those of which nothing is held.
--
-- The state of the rules (stop-loss, take-profit) belongs to the token of the wallet: it starts anew with a position
-- that opens after all that was folded before, and with a DCA buy after all others; it stays when a late or voided fact
-- gives the one that stayed open another opener.
create function book.write_positions(histories book.token_history[], steps book.position_step[])
returns void
language plpgsql
volatile
as $$
declare
    positions constant public.agent_positions[] := book.positions_of(histories, steps);
    reopened constant uuid[] := array(
        select n.id
        from unnest(histories) as h
        inner join unnest(positions) as n
            on n.wallet_address = h.wallet_address and n.token_address = h.token_address
        left join public.agent_positions as p
            on
                p.agent_id = n.agent_id
                and p.wallet_address = n.wallet_address
                and p.token_address = n.token_address
        where h.is_refolded and not n.is_dust and coalesce(p.is_dust, true)
    );
begin
    insert into public.agent_positions as p
    select n.*
    from unnest(positions) as n
    on conflict (agent_id, wallet_address, token_address) do update set
        id = excluded.id,
        token_symbol = excluded.token_symbol,
        purchase_transaction_id = excluded.purchase_transaction_id,
        purchase_price = excluded.purchase_price,
        purchase_amount = excluded.purchase_amount,
        (
            current_stop_loss_percentage,
            peak_price,
            lowest_price,
            last_stop_loss_update,
            stop_loss_price,
            take_profit_base,
            take_profit_levels_done,
            moon_bag_amount,
            dca_skipped_at
        ) = (
            select
                case when k.stays then p.current_stop_loss_percentage end,
                case when k.stays then p.peak_price else excluded.peak_price end,
                case
                    when k.stays then p.lowest_price
                    when k.is_the_same then least(p.lowest_price, excluded.lowest_price)
                    else excluded.lowest_price
                end,
                case when k.stays then p.last_stop_loss_update end,
                case when k.stays then p.stop_loss_price end,
                case when k.stays then p.take_profit_base else excluded.take_profit_base end,
                case when k.stays then p.take_profit_levels_done else 0 end,
                case when k.stays then p.moon_bag_amount end,
                case when k.stays then p.dca_skipped_at end
            from (
                select
                    s.is_the_same,
                    s.is_the_same
                    -- A DCA buy that comes last starts the trail and the ladder anew.
                    and coalesce(
                        excluded.last_dca_time <= p.last_dca_time
                        or (p.last_dca_time is null and excluded.last_dca_time is null),
                        excluded.last_dca_time is null
                    ) as stays
                from (
                    select
                        p.id = excluded.id
                        or exists (
                            select
                            from unnest(histories) as h
                            where
                                h.wallet_address = p.wallet_address
                                and h.token_address = p.token_address
                                and h.is_refolded
                                and excluded.created_at <= h.folded_until
                                and not p.is_dust
                                and not excluded.is_dust
                        ) as is_the_same
                ) as s
            ) as k
        ),
        quiet_until = null,
        dca_count = excluded.dca_count,
        dca_transaction_ids = excluded.dca_transaction_ids,
        last_dca_time = excluded.last_dca_time,
        total_invested_sol = excluded.total_invested_sol,
        created_at = excluded.created_at,
        signal_id = excluded.signal_id,
        remaining_amount = excluded.remaining_amount,
        invested_sol = excluded.invested_sol,
        invested_usd = excluded.invested_usd,
        cost_basis_sol = excluded.cost_basis_sol,
        cost_basis_usd = excluded.cost_basis_usd,
        realized_profit_sol = excluded.realized_profit_sol,
        realized_profit_usd = excluded.realized_profit_usd,
        buy_count = excluded.buy_count,
        last_sale_transaction_id = excluded.last_sale_transaction_id,
        managed = excluded.managed,
        is_dust = excluded.is_dust;

    delete from public.agent_positions as p
    using (
        select
            h.agent_id,
            h.wallet_address,
            h.token_address
        from unnest(histories) as h
        except
        select
            n.agent_id,
            n.wallet_address,
            n.token_address
        from unnest(positions) as n
    ) as gone
    where
        p.agent_id = gone.agent_id
        and p.wallet_address = gone.wallet_address
        and p.token_address = gone.token_address;

    if cardinality(reopened) > 0 then
        perform book.peaks_from_prices(reopened);
    end if;
end
$$;

comment on function book.write_positions(book.token_history[], book.position_step[]) is
'Stores the position after the last step of each token history and removes those of which nothing is held.';
