-- Raises one error for all transactions that the fold could not take, each listed in its detail.
create function book.refuse_failed_steps(steps book.position_step[])
returns void
language plpgsql
stable
as $$
declare
    failed constant book.position_step[] := array(
        select s from unnest(steps) as s where (s.state).refusal is not null
    );
    first constant book.position_step := failed[1];
begin
    if cardinality(failed) = 0 then
        return;
    end if;
    perform book.refuse(
        (first.state).refusal,
        case when (first.leg).kind = 'buy' then 'output_amount' else 'input_amount' end,
        format(
            'transaction %s: %s of %s tokens %s, %s held at %s',
            (first.leg).transaction_id,
            (first.leg).kind,
            book.plain_number((first.leg).amount),
            first.token_address,
            book.plain_number((first.state).remaining_amount),
            (first.leg).transaction_time
        ),
        (
            select jsonb_agg(jsonb_build_object(
                'id', (s.leg).transaction_id,
                'error', (s.state).refusal,
                'walletAddress', s.wallet_address,
                'tokenAddress', s.token_address,
                'amount', book.plain_number((s.leg).amount),
                'held', book.plain_number((s.state).remaining_amount)
            ))
            from unnest(failed) as s
        )::text
    );
end
$$;

comment on function book.refuse_failed_steps(book.position_step[]) is
'Raises insufficient_holding (TB003) or amount_out_of_range (TB004) with every transaction that the fold refused.';
