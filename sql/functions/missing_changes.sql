-- What would have to be added to each balance of a wallet to make it the sum of its facts.
create function book.missing_changes(wallet text)
returns book.balance_change[]
language plpgsql
stable
as $$
begin
    return array(
        select row(
            coalesce(c.user_id, b.user_id),
            coalesce(c.agent_id, b.agent_id),
            wallet,
            coalesce(c.token_address, b.token_address),
            c.token_symbol,
            coalesce(c.change, 0) - coalesce(b.balance::numeric, 0),
            c.first_time,
            c.first_order,
            coalesce(c.last_time, b.last_transaction_time),
            coalesce(c.last_order, b.last_ledger_order)
        )::book.balance_change
        from unnest(book.changes_of_facts(
            array(
                select t.id from public.agent_transactions as t
                where t.wallet_address = wallet and t.voided_at is null
            ),
            '{}'
        )) as c
        full outer join (
            select k.*
            from public.agent_balances as k
            where k.wallet_address = wallet
        ) as b on b.token_address = c.token_address
    );
end
$$;

comment on function book.missing_changes(text) is
'What is missing in each balance of a wallet to be the sum of its facts; 0 for those that are.';
