-- Brings everything derived into step with the facts of the changed tokens. The one way to write derived rows.
--
-- The facts are in the table already; the caller holds the locks of the wallets. Raises insufficient_holding,
-- insufficient_balance, amount_out_of_range.
create function book.post_changes(changes book.balance_change[])
returns void
language plpgsql
volatile
as $$
declare
    histories constant book.token_history[] := book.histories_to_fold(changes);
    steps constant book.position_step[] := book.fold_histories(histories);
begin
    perform book.refuse_failed_steps(steps);
    perform book.write_balances(changes);
    if cardinality(histories) > 0 then
        perform book.write_positions(histories, steps);
        perform book.write_historical_swaps(histories, steps);
        perform book.write_token_withdrawals(histories, steps);
        perform book.mark_dca(steps);
    end if;
end
$$;

comment on function book.post_changes(book.balance_change[]) is
'Brings balances, positions, historical swaps, withdrawals and is_dca into step with the facts of the changed tokens.';
