-- What a transaction does to the position of one of its tokens. SOL has no position.
--
-- Fees join the cost of what is bought with SOL, and reduce the proceeds of what is sold. Not in language sql, in which
-- it would be planned and started anew for each row.
create function book.position_leg(t public.agent_transactions, mint text, quote_tokens text[])
returns book.position_leg
language plpgsql
immutable
as $$
declare
    kind constant text := case
        when t.output_mint = mint then 'buy'
        when t.transaction_type = 'SWAP' then 'sell'
        else lower(t.transaction_type::text)
    end;
    fee_share constant int := case when t.input_mint = book.sol_mint() then 1 else 0 end;
begin
    return row(
        t.id,
        t.transaction_time,
        kind,
        case kind when 'buy' then t.output_amount else t.input_amount end,
        case kind
            when 'buy' then t.value_sol + fee_share * t.fees_sol
            when 'sell' then t.value_sol - t.fees_sol
            when 'deposit' then t.value_sol
            else 0
        end,
        case kind
            when 'buy' then t.value_usd + fee_share * t.fees_usd
            when 'sell' then t.value_usd - t.fees_usd
            when 'deposit' then t.value_usd
            else 0
        end,
        t.signal_id,
        mint <> all (quote_tokens),
        case kind when 'buy' then book.price_to_read(t.value_sol, t.output_amount) end
    )::book.position_leg;
end
$$;

comment on function book.position_leg(public.agent_transactions, text, text[]) is
'What a transaction does to the position of one of its tokens: kind, amount, cost or proceeds in SOL and USD.';
