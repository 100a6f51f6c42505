-- What of a token a late transaction may still take at an instant: what was held then, and no more than is held now.
create function book.available_at(agent uuid, wallet text, mint text, at timestamptz)
returns numeric
language plpgsql
stable
as $$
declare
    held numeric;
    last_time timestamptz;
    later numeric;
begin
    select
        b.balance::numeric,
        b.last_transaction_time
    into held, last_time
    from public.agent_balances as b
    where b.wallet_address = wallet and b.token_address = mint;

    if last_time > at then
        select sum(l.change) into later
        from public.agent_transactions as t
        cross join lateral book.balance_legs(t) as l
        where
            t.agent_id = agent
            and t.wallet_address = wallet
            and t.transaction_time > at
            and l.token_address = mint;
    end if;
    return coalesce(held - greatest(later, 0), 0);
end
$$;

comment on function book.available_at(uuid, text, text, timestamptz) is
'What of a token a transaction of that instant may take: what was held then, and no more than is held now.';
