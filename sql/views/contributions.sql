-- What each fact adds to the sums of its wallet, with the sale that it is and the trade that it ended: the one
-- definition of the totals.
create view book.contributions with (security_invoker = true) as
select
    t.id,
    t.user_id,
    t.agent_id,
    t.wallet_address,
    case
        when t.transaction_type = 'SWAP' and t.input_mint = book.sol_mint() then t.output_mint
        else t.input_mint
    end as token_address,
    (t.transaction_time at time zone 'UTC')::date as day,
    t.transaction_time,
    t.voided_at,
    -- A sale belongs to the signal that opened the position, as its gain does.
    case
        when s.id is not null then s.signal_id
        when e.id is not null then e.signal_id
        else t.signal_id
    end as signal_id,
    coalesce(s.close_reason, e.close_reason) as close_reason,
    1 as transactions,
    case t.transaction_type when 'SWAP' then t.value_sol else 0 end as volume_sol,
    case t.transaction_type when 'SWAP' then t.value_usd else 0 end as volume_usd,
    t.fees_sol,
    t.fees_usd,
    case when t.transaction_type <> 'SWAP' then t.fees_sol else 0 end
    + case when t.transaction_type = 'BURN' and t.input_mint = book.sol_mint() then t.value_sol else 0 end
        as expenses_sol,
    case when t.transaction_type <> 'SWAP' then t.fees_usd else 0 end
    + case when t.transaction_type = 'BURN' and t.input_mint = book.sol_mint() then t.value_usd else 0 end
        as expenses_usd,
    case t.transaction_type when 'DEPOSIT' then t.value_sol else 0 end as deposits_sol,
    case t.transaction_type when 'DEPOSIT' then t.value_usd else 0 end as deposits_usd,
    case t.transaction_type when 'WITHDRAWAL' then t.value_sol else 0 end as withdrawals_sol,
    case t.transaction_type when 'WITHDRAWAL' then t.value_usd else 0 end as withdrawals_usd,
    (s.id is not null)::int as swaps,
    coalesce(s.proceeds_sol, 0) as proceeds_sol,
    coalesce(s.proceeds_usd, 0) as proceeds_usd,
    coalesce(s.cost_basis_sol, 0) as cost_sol,
    coalesce(s.cost_basis_usd, 0) as cost_usd,
    coalesce((e.position_profit_sol > 0)::int, 0) as trades_won,
    coalesce((e.position_profit_sol = 0)::int, 0) as trades_drawn,
    coalesce((e.position_profit_sol < 0)::int, 0) as trades_lost,
    greatest(e.position_profit_sol, 0) as wins_sol,
    least(e.position_profit_sol, 0) as losses_sol,
    coalesce(e.position_profit_sol * e.position_profit_sol, 0) as squares_sol,
    coalesce(e.position_profit_usd, 0) as trades_profit_usd,
    coalesce(e.position_invested_sol, 0) as invested_sol,
    coalesce(e.position_invested_usd, 0) as invested_usd,
    coalesce((e.position_invested_sol > 0)::int, 0) as trades_with_return,
    coalesce(book.round_quotient(100 * e.position_profit_sol, nullif(e.position_invested_sol, 0)), 0)
        as returns_percent,
    coalesce(extract(epoch from e.position_closed_at - e.purchase_time), 0) as holding_seconds,
    case
        when e.position_profit_sol > 0 then extract(epoch from e.position_closed_at - e.purchase_time) else 0
    end as won_holding_seconds,
    case
        when e.position_profit_sol < 0 then extract(epoch from e.position_closed_at - e.purchase_time) else 0
    end as lost_holding_seconds
from public.agent_transactions as t
left join public.agent_historical_swaps as s on s.id = t.id
left join public.agent_historical_swaps as e on e.position_closed_by = t.id and e.closes_position
where t.wallet_address is not null;

comment on view book.contributions is
'What each fact (a voided one too: voided_at) adds to the sums of wallet_totals, whose comments say the units: by
itself,
as the sale or burn that it is, and by the trade that it ended. signal_id: of a sale, or what ended a trade, the one
that
opened the position; else its own. close_reason: of the sale or burn.';
