-- Brings everything derived of a wallet into step with its facts, from the first one on. Strategy state stays.
--
-- Answers how many rows, balances and totals were not as the facts say. Takes turns with the wallet's writers. Raises
-- insufficient_holding, insufficient_balance and amount_out_of_range where the facts cannot be folded.
create function book.rebuild_wallet(wallet text)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    histories book.token_history[];
    steps book.position_step[];
    changes book.balance_change[];
    wrong int;
begin
    perform book.lock_wallets(array[wallet]);
    histories := book.whole_histories(wallet);
    steps := book.fold_histories(histories);
    perform book.refuse_failed_steps(steps);

    changes := book.missing_changes(wallet);
    wrong := (select count(*) from book.audit_law_6(wallet))
    + (select count(*) from unnest(changes) as c where c.change <> 0)
    + (select count(*) from book.wrong_totals(wallet));
    if wrong = 0 then
        return 0;
    end if;

    delete from public.agent_positions as p
    where
        p.wallet_address = wallet
        and p.token_address <> all (array(select h.token_address from unnest(histories) as h));
    delete from public.agent_historical_swaps as w
    where w.wallet_address = wallet and w.id <> all (array(select (s.leg).transaction_id from unnest(steps) as s));
    delete from public.agent_token_withdrawals as w
    where w.wallet_address = wallet and w.id <> all (array(select (s.leg).transaction_id from unnest(steps) as s));
    update public.agent_transactions as t
    set is_dca = false
    where t.wallet_address = wallet and t.is_dca and t.voided_at is not null;

    perform book.write_balances(changes, histories);
    perform book.write_positions(histories, steps);
    perform book.write_historical_swaps(histories, steps, '{}');
    perform book.write_token_withdrawals(steps, '{}');
    perform book.mark_dca(steps);

    delete from public.wallet_totals as t
    where t.agent_id = book.agent_of(wallet) and t.wallet_address = wallet;
    perform book.add_totals(
        1,
        array(select t.id from public.agent_transactions as t where t.wallet_address = wallet and t.voided_at is null)
    );
    return wrong;
end
$$;

comment on function book.rebuild_wallet(text) is
'Brings everything derived of a wallet into step with its facts; how many rows, balances and totals were not. Raises
what booking raises where the facts cannot be folded.';
