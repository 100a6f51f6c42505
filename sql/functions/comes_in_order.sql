-- Whether facts, booked one by one, would be judged as they are when booked together: none lies before another one or
-- before a fact of its wallet that is booked, and the SOL lasts after each.
create function book.comes_in_order(facts public.agent_transactions[])
returns boolean
language plpgsql
stable
as $$
declare
    wallets constant text[] := array(select distinct f.wallet_address::text from unnest(facts) as f);
begin
    return not exists (
        select
        from (
            select
                f.transaction_time,
                lag(f.transaction_time) over (order by f.ordinality) as before
            from unnest(facts) with ordinality as f
        ) as pair
        where pair.transaction_time < pair.before
    )
    and not exists (
        select
        from public.agent_balances as b
        where b.wallet_address = any (wallets) and b.last_transaction_time > facts[1].transaction_time
    )
    and not exists (
        select
        from (
            select
                coalesce(b.balance::numeric, 0)
                + sum(change.sol) over (partition by f.wallet_address order by f.ordinality) as balance
            from unnest(facts) with ordinality as f
            cross join lateral (
                select
                    case
                        when f.input_mint <> book.sol_mint() then 0
                        when f.transaction_type = 'DEPOSIT' then f.input_amount
                        else -f.input_amount
                    end
                    + case when f.output_mint = book.sol_mint() then f.output_amount else 0 end
                    - coalesce(f.fees_sol, f.fees, 0) as sol
            ) as change
            left join public.agent_balances as b
                on b.wallet_address = f.wallet_address and b.token_address = book.sol_mint()
            where f.wallet_address is not null
            offset 0
        ) as running
        where running.balance < 0
    );
end
$$;

comment on function book.comes_in_order(public.agent_transactions[]) is
'Whether facts, booked one by one, would be judged as they are when booked together.';
