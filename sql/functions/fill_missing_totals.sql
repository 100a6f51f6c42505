-- Makes the totals of wallets that have facts and no totals: those that were booked before there were any.
create function book.fill_missing_totals()
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    wallet text;
    filled int := 0;
begin
    for wallet in
        select w.wallet_address
        from public.agent_wallets as w
        where
            not exists (
                select from public.wallet_totals as t
                where t.agent_id = w.agent_id and t.wallet_address = w.wallet_address
            )
            and exists (
                select from public.agent_transactions as t
                where t.agent_id = w.agent_id and t.wallet_address = w.wallet_address and t.voided_at is null
            )
        order by w.wallet_address
    loop
        perform book.lock_wallets(array[wallet]);
        perform book.add_totals(
            1,
            array(
                select t.id from public.agent_transactions as t where t.wallet_address = wallet and t.voided_at is null
            )
        );
        filled := filled + 1;
    end loop;
    return filled;
end
$$;

comment on function book.fill_missing_totals() is
'Makes the totals of wallets that have facts and no totals; how many they were. Called when the code is renewed.';
