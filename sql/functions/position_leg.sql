-- What a transaction does to the position of one of its tokens. SOL has no position.
--
-- Fees join the cost of what is bought with SOL, and reduce the proceeds of what is sold.
create function book.position_leg(t public.agent_transactions, mint text, quote_tokens text[])
returns book.position_leg
language sql
immutable
as $$
    select row(
        t.id,
        t.transaction_time,
        k.kind,
        case k.kind when 'buy' then t.output_amount else t.input_amount end,
        case k.kind
            when 'buy' then t.value_sol + k.fee_share * t.fees_sol
            when 'sell' then t.value_sol - t.fees_sol
            when 'deposit' then t.value_sol
            else 0
        end,
        case k.kind
            when 'buy' then t.value_usd + k.fee_share * t.fees_usd
            when 'sell' then t.value_usd - t.fees_usd
            when 'deposit' then t.value_usd
            else 0
        end,
        t.signal_id,
        mint <> all (quote_tokens),
        case k.kind when 'buy' then book.price_to_read(t.value_sol, t.output_amount) end
    )::book.position_leg
    from (
        select
            case
                when t.output_mint = mint then 'buy'
                when t.transaction_type = 'SWAP' then 'sell'
                else lower(t.transaction_type::text)
            end as kind,
            case when t.input_mint = book.sol_mint() then 1 else 0 end as fee_share
    ) as k
$$;

comment on function book.position_leg(public.agent_transactions, text, text[]) is
'What a transaction does to the position of one of its tokens: kind, amount, cost or proceeds in SOL and USD.';
