-- The rows of agent_token_withdrawals for the withdrawals among steps of the fold.
create function book.token_withdrawals_of(steps book.position_step[])
returns public.agent_token_withdrawals[]
language plpgsql
stable
as $$
begin
    return array(
        select row(
            (s.leg).transaction_id,
            s.user_id,
            s.agent_id,
            s.wallet_address,
            s.token_address,
            (s.state).position_id,
            (s.leg).amount,
            (s.state).released_sol,
            (s.state).released_usd,
            (s.leg).transaction_time,
            now(),
            (s.state).closes,
            case when (s.state).closes then (s.state).purchase_amount end,
            case when (s.state).closes then (s.state).buy_count end,
            case when (s.state).closes then (s.state).invested_sol end,
            case when (s.state).closes then (s.state).invested_usd end,
            case when (s.state).closes then (s.state).realized_profit_sol end,
            case when (s.state).closes then (s.state).realized_profit_usd end
        )::public.agent_token_withdrawals
        from unnest(steps) as s
        where (s.leg).kind = 'withdrawal'
    );
end
$$;

comment on function book.token_withdrawals_of(book.position_step[]) is
'The rows of agent_token_withdrawals for the withdrawals among steps of the fold.';
