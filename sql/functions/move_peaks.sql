-- Moves the peaks and the lowest prices of the positions of which the rules have nothing else to say
-- (book.stirred_positions), so that they need not be asked, and has the stops follow that lie above the cost already.
-- The caller holds the locks of the wallets. Answers how many it moved of which that was all: where a stop has come to
-- its price, the rules are to be asked.
create function book.move_peaks(tokens text[], wallets text[], at timestamptz, since jsonb)
returns int
language sql
volatile
as $$
    with moved as (
        update public.agent_positions as p
        set
            peak_price = greatest(p.peak_price, s.highest),
            lowest_price = least(p.lowest_price, s.lowest),
            last_stop_loss_update = move_peaks.at,
            (stop_loss_price, current_stop_loss_percentage, quiet_from) = (
                select
                    coalesce(n.stop, p.stop_loss_price),
                    case
                        when n.stop is null then p.current_stop_loss_percentage
                        else book.stop_percent(n.stop, p.remaining_amount, p.cost_basis_sol)
                    end,
                    greatest(p.quiet_from, n.stop + 0.000000000000000001)
                from (
                    select
                        case
                            when p.current_stop_loss_percentage > 0 and s.highest > p.peak_price
                                then book.trailing_stop(
                                    (
                                        select coalesce(a.trading_rules, book.default_trading_rules()) -> 'stopLoss'
                                        from public.agents as a
                                        where a.id = p.agent_id
                                    ),
                                    book.gain_percent(s.highest, p.remaining_amount, p.cost_basis_sol),
                                    p.remaining_amount,
                                    p.cost_basis_sol,
                                    p.stop_loss_price
                                )
                        end as stop
                    -- Asked once, and not by each that reads it.
                    offset 0
                ) as n
            )
        from book.stirred_positions(tokens, wallets, move_peaks.at, since) as s
        where
            p.agent_id = s.agent_id
            and p.id = s.position_id
            and s.is_quiet
            and (s.highest > p.peak_price or s.lowest < p.lowest_price)
        returning coalesce(p.stop_loss_price < s.price_sol, true) as is_all
    )

    select count(*) filter (where m.is_all)::int
    from moved as m
$$;

comment on function book.move_peaks(text[], text[], timestamptz, jsonb) is
'Moves the peaks, the stops above the cost and the lowest prices of the positions in some tokens and wallets of which
the rules have nothing else to say at the latest prices; how many of which that was all, no stop having come to its
price. at: now. since: see book.stirred_positions.';
