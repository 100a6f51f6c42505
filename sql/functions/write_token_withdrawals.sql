-- Stores the cost that each withdrawal of a token took with it, and removes those of refolded histories that are gone.
create function book.write_token_withdrawals(histories book.token_history[], steps book.position_step[])
returns void
language plpgsql
volatile
as $$
begin
    delete from public.agent_token_withdrawals as w
    using unnest(histories) as h
    where
        h.is_refolded
        and w.agent_id = h.agent_id
        and w.wallet_address = h.wallet_address
        and w.token_address = h.token_address
        and w.id <> all (array(
            select (s.leg).transaction_id from unnest(steps) as s where (s.leg).kind = 'withdrawal'
        ));

    insert into public.agent_token_withdrawals (
        id,
        user_id,
        agent_id,
        wallet_address,
        token_address,
        position_id,
        amount,
        cost_basis_sol,
        cost_basis_usd,
        withdrawn_at
    )
    select
        (s.leg).transaction_id,
        s.user_id,
        s.agent_id,
        s.wallet_address,
        s.token_address,
        (s.state).position_id,
        (s.leg).amount,
        (s.state).released_sol,
        (s.state).released_usd,
        (s.leg).transaction_time
    from unnest(steps) as s
    where (s.leg).kind = 'withdrawal'
    on conflict (id) do update set
        position_id = excluded.position_id,
        cost_basis_sol = excluded.cost_basis_sol,
        cost_basis_usd = excluded.cost_basis_usd;
end
$$;

comment on function book.write_token_withdrawals(book.token_history[], book.position_step[]) is
'Stores the cost that each WITHDRAWAL of a token among the steps took out of its position.';
