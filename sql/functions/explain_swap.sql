-- How the gain of one historical swap came about, in lines that add up.
--
-- Folded from the facts: what it says was not copied from the row that it explains.
create function report.explain_swap(swap uuid)
returns table (
    line bigint,
    section text,
    what text,
    transaction_id uuid,
    transaction_time timestamptz,
    amount numeric,
    value_sol numeric,
    value_usd numeric,
    held_amount numeric,
    held_cost_sol numeric,
    held_cost_usd numeric
)
language sql
stable
as $$
    with folded as (
        select
            w.sale_transaction_id,
            w.position_id,
            s.leg,
            s.state,
            lag(s.state) over history as before,
            row_number() over history as step
        from public.agent_historical_swaps as w
        inner join public.agent_transactions as t on t.agent_id = w.agent_id and t.id = w.sale_transaction_id
        cross join lateral book.fold_as_of(
            w.agent_id, w.wallet_address, w.token_address, t.transaction_time, null
        ) as s
        where w.id = swap and ((s.leg).transaction_time, s.ledger_order) <= (t.transaction_time, t.ledger_order)
        window history as (order by (s.leg).transaction_time, s.ledger_order)
    ),

    -- The steps of the position, the sale the last of them. stated: what a swap was worth before its fee.
    steps as materialized (
        select
            f.step,
            f.step = min(f.step) over () as opens,
            (f.leg).transaction_id = f.sale_transaction_id as is_explained,
            f.leg,
            f.state,
            f.before,
            case when (f.leg).kind in ('buy', 'sell') then t.value_sol else (f.leg).value_sol end as stated_sol,
            case when (f.leg).kind in ('buy', 'sell') then t.value_usd else (f.leg).value_usd end as stated_usd
        from folded as f
        inner join public.agent_transactions as t on t.id = (f.leg).transaction_id
        where (f.state).position_id = f.position_id
    ),

    lines as (
        select
            1 as part,
            s.step,
            l.place,
            l.what,
            (s.leg).transaction_id as transaction_id,
            (s.leg).transaction_time as transaction_time,
            l.amount,
            l.value_sol,
            l.value_usd
        from steps as s
        cross join lateral (
            values
            (
                1,
                case when s.opens and (s.before).remaining_amount > 0 then 'crumbs of the position before' end,
                (s.before).remaining_amount,
                (s.before).cost_basis_sol,
                (s.before).cost_basis_usd
            ),
            (
                2,
                case when (s.leg).kind in ('buy', 'deposit') then (s.leg).kind end,
                (s.leg).amount,
                s.stated_sol,
                s.stated_usd
            ),
            (
                3,
                case
                    when (s.leg).kind = 'buy' and ((s.leg).value_sol, (s.leg).value_usd) <> (s.stated_sol, s.stated_usd)
                        then 'fee of the buy'
                end,
                0,
                (s.leg).value_sol - s.stated_sol,
                (s.leg).value_usd - s.stated_usd
            ),
            (
                4,
                case
                    (s.leg).kind
                    when 'sell' then 'cost of a sale before'
                    when 'burn' then 'cost of a burn before'
                    when 'withdrawal' then 'cost of a withdrawal'
                end,
                -(s.leg).amount,
                -(s.state).released_sol,
                -(s.state).released_usd
            )
        ) as l (place, what, amount, value_sol, value_usd)
        where not s.is_explained and l.what is not null
        union all
        select
            l.part,
            s.step,
            l.place,
            l.what,
            (s.leg).transaction_id,
            (s.leg).transaction_time,
            l.amount,
            l.value_sol,
            l.value_usd
        from steps as s
        cross join lateral (
            values
            (
                2,
                1,
                case (s.leg).kind when 'burn' then 'released by the burn' else 'released by the sale' end,
                (s.leg).amount,
                (s.state).released_sol,
                (s.state).released_usd
            ),
            (
                2,
                2,
                'still held',
                (s.state).remaining_amount,
                (s.state).cost_basis_sol,
                (s.state).cost_basis_usd
            ),
            (
                3,
                1,
                case (s.leg).kind when 'burn' then 'burned for nothing' else 'sold for' end,
                (s.leg).amount,
                s.stated_sol,
                s.stated_usd
            ),
            (
                3,
                2,
                case
                    when ((s.leg).value_sol, (s.leg).value_usd) <> (s.stated_sol, s.stated_usd) then 'fee of the sale'
                end,
                0,
                (s.leg).value_sol - s.stated_sol,
                (s.leg).value_usd - s.stated_usd
            ),
            (
                3,
                3,
                'cost released',
                0,
                -(s.state).released_sol,
                -(s.state).released_usd
            )
        ) as l (part, place, what, amount, value_sol, value_usd)
        where s.is_explained and l.what is not null
    )

    select
        row_number() over (order by l.part, l.step, l.place),
        case l.part when 1 then 'cost' when 2 then 'release' when 3 then 'gain' end,
        l.what,
        l.transaction_id,
        l.transaction_time,
        l.amount,
        l.value_sol,
        l.value_usd,
        case when l.part = 1 then sum(l.amount) over section end,
        case when l.part = 1 then sum(l.value_sol) over section end,
        case when l.part = 1 then sum(l.value_usd) over section end
    from lines as l
    window section as (partition by l.part order by l.step, l.place rows unbounded preceding)
    order by 1
$$;

comment on function report.explain_swap(uuid) is
'How the gain of a historical swap (a sale or burn of a token, by its id) came about. Three sections, read downwards:
cost: what the position took in and gave up before; its values sum to the cost held just before, its amounts to the
tokens; held_amount, held_cost_sol and held_cost_usd are those sums up to each line.
release: that cost, split by tokens: what the sale released, round(cost * amount / held, 18) or all of it with the last
token, and what is still held.
gain: what it was sold for (0 for a burn), less its fee, less the cost released; the values sum to the gain.
amount: whole tokens. value_sol, value_usd: exact, negative where it takes away. No such swap, or another user''s: no
rows.';
