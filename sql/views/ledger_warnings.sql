-- What breaks no law of the book and should still be looked at: something was missing, guessed or out of order.
-- noqa: disable=LT02
create view report.ledger_warnings
with (security_invoker = true)
as
select
    'sol_below_zero' as kind,
    r.user_id,
    r.agent_id,
    r.wallet_address,
    'So11111111111111111111111111111111111111112' as token_address,
    (array_agg(r.transaction_id order by r.transaction_time))[1] as transaction_id,
    min(r.transaction_time) as at,
    'SOL is below zero from then until ' || max(r.next_time) as detail,
    min(r.balance) as amount
from (
    -- A run below zero is known by how many instants that are not stand before it.
    select
        i.user_id,
        i.agent_id,
        i.wallet_address,
        i.transaction_id,
        i.transaction_time,
        i.next_time,
        i.balance,
        count(*) filter (where i.balance >= 0) over (
            partition by i.user_id, i.agent_id, i.wallet_address
            order by i.transaction_time
        ) as run
    from (
        -- The balance as of each instant: what happened at one time is judged together.
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            t.transaction_time,
            (array_agg(t.id order by t.ledger_order desc))[1] as transaction_id,
            lead(t.transaction_time) over history as next_time,
            sum(sum(l.change)) over history as balance
        from public.agent_transactions as t
        cross join lateral book.balance_legs(t) as l
        where
            t.wallet_address is not null
            and t.voided_at is null
            and l.token_address = 'So11111111111111111111111111111111111111112'
        group by t.user_id, t.agent_id, t.wallet_address, t.transaction_time
        window history as (partition by t.user_id, t.agent_id, t.wallet_address order by t.transaction_time)
    ) as i
) as r
where r.balance < 0
group by r.user_id, r.agent_id, r.wallet_address, r.run
union all
select
    found.kind,
    t.user_id,
    t.agent_id,
    t.wallet_address,
    found.token_address,
    t.id,
    t.transaction_time,
    found.detail,
    found.amount
from public.agent_transactions as t
cross join public.settings as s
cross join lateral (
    values
    (
        t.value_is_unknown,
        'value_unknown',
        t.input_mint,
        'a withdrawal that nothing could value: what is missing of its value is shown as 0',
        t.input_amount
    ),
    (
        t.origin = 'import_shortfall',
        'shortfall_met',
        t.input_mint,
        'the import''s file did not say where it came from: it was booked as a deposit',
        t.input_amount
    ),
    (
        t.sol_usd_price_age > s.price_max_age,
        'old_sol_usd_price',
        'So11111111111111111111111111111111111111112',
        'the SOL/USD price that valued it was ' || t.sol_usd_price_age || ' old',
        t.sol_usd_price
    )
) as found (is_so, kind, token_address, detail, amount)
where found.is_so and t.wallet_address is not null and t.voided_at is null
union all
select
    case when latest.observed_at is null then 'unpriced_holding' else 'old_price' end,
    p.user_id,
    p.agent_id,
    p.wallet_address,
    p.token_address,
    p.id,
    coalesce(latest.observed_at, p.created_at),
    case
        when latest.observed_at is null then 'no price is known: what it cost is not in the value of the portfolio'
        else 'its value is at a price that was observed then; there is none since'
    end,
    p.cost_basis_sol
from public.agent_positions as p
cross join public.settings as s
left join lateral book.latest_price(p.token_address, now()) as latest on true
where not p.is_dust and (latest.observed_at is null or latest.observed_at < now() - s.price_max_age);

comment on view report.ledger_warnings is
'What breaks no law of the book and should still be looked at. kind:
sol_below_zero: a wallet''s SOL was below zero at instants of the past, each unbroken run of them once;
value_unknown: a withdrawal that nothing could value;
shortfall_met: a deposit that an import made up for a shortfall;
old_sol_usd_price: a transaction valued at a SOL/USD price older than settings.price_max_age;
unpriced_holding: an open position whose token has no price;
old_price: an open position valued at a price older than settings.price_max_age.
Rows that are voided or have no wallet are left out.';
comment on column report.ledger_warnings.kind is 'What it warns of.';
comment on column report.ledger_warnings.user_id is 'Whose wallet it is.';
comment on column report.ledger_warnings.agent_id is 'The agent.';
comment on column report.ledger_warnings.wallet_address is 'The wallet.';
comment on column report.ledger_warnings.token_address is 'Mint of the token that it is about.';
comment on column report.ledger_warnings.transaction_id is
'The transaction; of a run below zero the last of its first instant; of a position the one that opened it.';
comment on column report.ledger_warnings.at is
'When it happened: the first instant of a run, transaction_time, the observation of an old price, the opening of a
position without a price.';
comment on column report.ledger_warnings.detail is 'The same in words.';
comment on column report.ledger_warnings.amount is
'sol_below_zero: the lowest balance, SOL. value_unknown, shortfall_met: tokens. old_sol_usd_price: the price, USD for
one SOL. unpriced_holding, old_price: SOL cost of what is held.';
