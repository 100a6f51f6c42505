-- The statement of a wallet: every leg of a period with the balance after it.
--
-- What lies before the period is summed, what lies after it is not read.
create function report.wallet_statement(wallet text, start_at timestamptz, end_at timestamptz)
returns table (
    line bigint,
    transaction_time timestamptz,
    ledger_order bigint,
    transaction_id uuid,
    transaction_type text,
    kind text,
    token_address text,
    token_symbol text,
    change numeric,
    balance numeric,
    other_token text,
    destination_address text,
    transaction_hash text
)
language sql
stable
as $$
    with legs as materialized (
        select
            t.transaction_time,
            t.ledger_order,
            case l.kind when 'received' then 2 when 'fee' then 3 else 1 end as place,
            t.id,
            t.transaction_type::text as transaction_type,
            l.kind,
            l.token_address,
            l.token_symbol,
            l.change,
            case l.kind when 'given' then t.output_mint when 'received' then t.input_mint end as other_token,
            t.destination_address,
            t.transaction_hash
        from public.agent_wallets as w
        inner join public.agent_transactions as t
            on t.agent_id = w.agent_id and t.wallet_address = w.wallet_address
        cross join lateral book.balance_legs(t) as l
        where
            w.wallet_address = wallet
            and t.transaction_time >= coalesce(start_at, '-infinity')
            and t.transaction_time < coalesce(end_at, 'infinity')
            and t.voided_at is null
    ),

    opening as (
        select
            l.token_address,
            (array_agg(l.token_symbol order by t.transaction_time desc, t.ledger_order desc))[1] as token_symbol,
            sum(l.change) as balance
        from public.agent_wallets as w
        inner join public.agent_transactions as t
            on t.agent_id = w.agent_id and t.wallet_address = w.wallet_address
        cross join lateral book.balance_legs(t) as l
        where w.wallet_address = wallet and t.transaction_time < coalesce(start_at, '-infinity') and t.voided_at is null
        group by l.token_address
    ),

    lines as (
        select
            '-infinity'::timestamptz as transaction_time,
            0::bigint as ledger_order,
            0 as place,
            null::uuid as id,
            null::text as transaction_type,
            'opening' as kind,
            coalesce(o.token_address, m.token_address) as token_address,
            coalesce(o.token_symbol, m.token_symbol) as token_symbol,
            coalesce(o.balance, 0) as amount,
            null::text as other_token,
            null::text as destination_address,
            null::text as transaction_hash
        from opening as o
        full outer join (
            select
                l.token_address,
                min(l.token_symbol) as token_symbol
            from legs as l
            group by l.token_address
        ) as m on m.token_address = o.token_address
        where o.balance <> 0 or m.token_address is not null
        union all
        select
            l.transaction_time,
            l.ledger_order,
            l.place,
            l.id,
            l.transaction_type,
            l.kind,
            l.token_address,
            l.token_symbol,
            l.change,
            l.other_token,
            l.destination_address,
            l.transaction_hash
        from legs as l
    )

    select
        row_number() over (order by x.transaction_time, x.ledger_order, x.place, x.token_address),
        nullif(x.transaction_time, '-infinity'),
        nullif(x.ledger_order, 0),
        x.id,
        x.transaction_type,
        x.kind,
        x.token_address,
        x.token_symbol,
        case when x.kind <> 'opening' then x.amount end,
        sum(x.amount) over (
            partition by x.token_address
            order by x.transaction_time, x.ledger_order, x.place
            rows unbounded preceding
        ),
        x.other_token,
        x.destination_address,
        x.transaction_hash
    from lines as x
    order by 1
$$;

comment on function report.wallet_statement(text, timestamptz, timestamptz) is
'The statement of a wallet over [start_at, end_at): first the opening balance of each token that is held or touched,
then each leg in the order of the book (transaction_time, ledger_order) with the balance of its token after it. Whole
tokens, exact. kind: opening, deposit, withdrawal, burn, given, received, fee. other_token: the mint on the other side
of a SWAP.
The last balance of a token is its closing balance, with which the next period opens: that of report.balances_as_of at
end_at - interval ''1 microsecond''. Voided facts are left out. No such wallet, or another user''s: no rows.
A bound that is NULL is none.';
