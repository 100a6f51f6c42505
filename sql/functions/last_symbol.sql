-- The symbol of a token as the last fact of it in a wallet tells it; NULL where no fact counts.
--
-- Token and time are compared as a row, which only the index of a token's history has in that order. For a token that
-- is equal to something the planner may go back through all of the agent's facts instead, until it comes to one of a
-- rare token. A row whose first column is the token, since before PostgreSQL 18 a search ends with the first column
-- alone. Nor should it sort these: where a plan is made while an agent has a fact or two, that seems as good, and a
-- session keeps it.
create function book.last_symbol(agent uuid, wallet text, mint text)
returns text
language plpgsql
stable
set enable_sort = off
set enable_incremental_sort = off
set jit = off
as $$
begin
    if mint = book.sol_mint() then
        return 'SOL';
    end if;
    return (
        select last.symbol
        from (
            (
                select
                    t.input_symbol as symbol,
                    t.transaction_time,
                    t.ledger_order
                from public.agent_transactions as t
                where
                    t.agent_id = agent
                    and t.wallet_address = wallet
                    and (t.input_mint, t.transaction_time) >= (mint, '-infinity')
                    and (t.input_mint, t.transaction_time) <= (mint, 'infinity')
                    and t.voided_at is null
                order by t.input_mint desc, t.transaction_time desc, t.ledger_order desc
                limit 1
            )
            union all
            (
                select
                    t.output_symbol,
                    t.transaction_time,
                    t.ledger_order
                from public.agent_transactions as t
                where
                    t.wallet_address = wallet
                    and (t.output_mint, t.transaction_time) >= (mint, '-infinity')
                    and (t.output_mint, t.transaction_time) <= (mint, 'infinity')
                    and t.voided_at is null
                order by t.output_mint desc, t.transaction_time desc, t.ledger_order desc
                limit 1
            )
        ) as last
        order by last.transaction_time desc, last.ledger_order desc
        limit 1
    );
end
$$;

comment on function book.last_symbol(uuid, text, text) is
'The symbol of a token as the last fact of it in a wallet tells it; SOL for SOL; NULL where no fact counts.';
