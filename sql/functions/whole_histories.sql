-- Every token history of a wallet from its first fact on: what a rebuild and the audit fold.
create function book.whole_histories(wallet text)
returns book.token_history[]
language plpgsql
stable
as $$
begin
    return array(
        select row(
            token.user_id,
            token.agent_id,
            wallet,
            token.token_address,
            book.last_symbol(token.agent_id, wallet, token.token_address),
            true,
            'infinity',
            null,
            '-infinity',
            0,
            null,
            null
        )::book.token_history
        from (
            select distinct
                t.user_id,
                t.agent_id,
                mint.token_address
            from public.agent_transactions as t
            cross join lateral (values (t.input_mint), (t.output_mint)) as mint (token_address)
            where t.wallet_address = wallet and mint.token_address <> book.sol_mint() and t.voided_at is null
        ) as token
    );
end
$$;

comment on function book.whole_histories(text) is
'Every token history of a wallet, to be folded from its first fact on.';
