-- Brings everything derived into step with facts that were added, or voided. The one way to write derived rows.
--
-- The facts are in the table already, the voided ones marked; the caller holds the locks of their wallets. Raises
-- insufficient_holding, insufficient_balance, amount_out_of_range.
create function book.post_facts(added uuid[], removed uuid[])
returns void
language plpgsql
volatile
as $$
declare
    changes constant book.balance_change[] := book.changes_of_facts(added, removed);
    histories constant book.token_history[] := book.histories_to_fold(changes, added, removed);
    steps constant book.position_step[] := book.fold_histories(histories);
    sells boolean;
    withdraws boolean;
    buys boolean;
    refolds boolean := exists (select from unnest(histories) as h where h.is_refolded);
    counted uuid[] := '{}';
begin
    perform book.refuse_failed_steps(steps);
    perform book.write_balances(changes, histories);
    if cardinality(histories) = 0 then
        if cardinality(removed) > 0 then
            perform book.add_totals(-1, removed);
        end if;
        perform book.add_totals(1, added);
        perform book.announce_facts(added, removed, histories, steps);
        return;
    end if;
    perform book.write_positions(histories, steps);

    -- Most statements are one trade, which touches one of these at the most.
    select
        bool_or((s.leg).kind in ('sell', 'burn')),
        bool_or((s.leg).kind = 'withdrawal'),
        bool_or((s.leg).kind = 'buy')
    into sells, withdraws, buys
    from unnest(steps) as s;
    if withdraws or refolds or cardinality(removed) > 0 then
        -- What folding again may change is taken out of the totals as it is stored, and added as it will be. What comes
        -- in counts for the same, whatever was before it.
        counted := array(
            select (s.leg).transaction_id from unnest(steps) as s
            where (s.leg).kind not in ('buy', 'deposit')
            union
            select (h.start).last_sale_transaction_id from unnest(histories) as h
            except
            select a from unnest(added) as a
        );
        perform book.add_totals(-1, counted || removed);
    end if;
    if sells or withdraws or refolds then
        perform book.write_historical_swaps(histories, steps, removed);
    end if;
    if withdraws or cardinality(removed) > 0 then
        perform book.write_token_withdrawals(steps, removed);
    end if;
    if buys then
        perform book.mark_dca(steps);
    end if;
    perform book.add_totals(1, added || counted);
    perform book.announce_facts(added, removed, histories, steps);
end
$$;

comment on function book.post_facts(uuid[], uuid[]) is
'Brings balances, positions, historical swaps, withdrawals, is_dca and totals into step with facts that were added, or
voided, and announces them.';
