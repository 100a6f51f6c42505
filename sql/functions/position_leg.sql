-- What a transaction does to the position of one of its tokens. SOL has no position.
--
-- Fees join the cost of what is bought with SOL, and reduce the proceeds of what is sold. One expression, so that it
-- becomes a part of the statements that use it.
create function book.position_leg(t public.agent_transactions, mint text, quote_tokens text[])
returns book.position_leg
language sql
immutable
as $$
    select row(
        t.id,
        t.transaction_time,
        case
            when t.output_mint = mint then 'buy'
            when t.transaction_type = 'SWAP' then 'sell'
            when t.transaction_type = 'DEPOSIT' then 'deposit'
            when t.transaction_type = 'WITHDRAWAL' then 'withdrawal'
            when t.transaction_type = 'BURN' then 'burn'
        end,
        case when t.output_mint = mint then t.output_amount else t.input_amount end,
        case
            when t.output_mint = mint then t.value_sol + case t.input_mint when book.sol_mint() then t.fees_sol else 0 end
            when t.transaction_type = 'SWAP' then t.value_sol - t.fees_sol
            when t.transaction_type = 'DEPOSIT' then t.value_sol
            else 0
        end,
        case
            when t.output_mint = mint then t.value_usd + case t.input_mint when book.sol_mint() then t.fees_usd else 0 end
            when t.transaction_type = 'SWAP' then t.value_usd - t.fees_usd
            when t.transaction_type = 'DEPOSIT' then t.value_usd
            else 0
        end,
        t.signal_id,
        mint <> all (quote_tokens),
        case when t.output_mint = mint then book.price_to_read(t.value_sol, t.output_amount) end
    )::book.position_leg
$$;

comment on function book.position_leg(public.agent_transactions, text, text[]) is
'What a transaction does to the position of one of its tokens: kind, amount, cost or proceeds in SOL and USD.';
