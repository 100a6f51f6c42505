-- Stores the cost that each withdrawal of a token took with it, and removes those of voided facts.
create function book.write_token_withdrawals(steps book.position_step[], removed uuid[])
returns void
language plpgsql
volatile
as $$
begin
    delete from public.agent_token_withdrawals as w where w.id = any (removed);

    insert into public.agent_token_withdrawals
    select n.*
    from unnest(book.token_withdrawals_of(steps)) as n
    on conflict (id) do update set
        position_id = excluded.position_id,
        cost_basis_sol = excluded.cost_basis_sol,
        cost_basis_usd = excluded.cost_basis_usd,
        closes_position = excluded.closes_position,
        position_purchase_amount = excluded.position_purchase_amount,
        position_buy_count = excluded.position_buy_count,
        position_invested_sol = excluded.position_invested_sol,
        position_invested_usd = excluded.position_invested_usd,
        position_profit_sol = excluded.position_profit_sol,
        position_profit_usd = excluded.position_profit_usd;
end
$$;

comment on function book.write_token_withdrawals(book.position_step[], uuid[]) is
'Stores the cost that each WITHDRAWAL of a token among the steps took out of its position; removes voided ones.';
