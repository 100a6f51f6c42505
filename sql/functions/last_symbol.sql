-- The symbol of a token as the last fact of it in a wallet tells it; NULL where no fact counts.
create function book.last_symbol(agent uuid, wallet text, mint text)
returns text
language plpgsql
stable
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
                    t.agent_id = agent and t.wallet_address = wallet and t.input_mint = mint and t.voided_at is null
                order by t.transaction_time desc, t.ledger_order desc
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
                    t.agent_id = agent and t.wallet_address = wallet and t.output_mint = mint and t.voided_at is null
                order by t.transaction_time desc, t.ledger_order desc
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
