-- What each sale, burn and withdrawal of a token released from its position, and, on the one that ended it, what the
-- position had been.
create view book.releases with (security_invoker = true) as
select
    w.id,
    w.agent_id,
    w.wallet_address,
    w.token_address,
    w.position_id,
    w.cost_basis_sol,
    w.cost_basis_usd,
    w.proceeds_sol - w.cost_basis_sol as gain_sol,
    w.proceeds_usd - w.cost_basis_usd as gain_usd,
    w.closes_position,
    w.position_purchase_amount,
    w.position_buy_count,
    w.position_invested_sol,
    w.position_invested_usd,
    w.position_profit_sol,
    w.position_profit_usd
from public.agent_historical_swaps as w
union all
select
    w.id,
    w.agent_id,
    w.wallet_address,
    w.token_address,
    w.position_id,
    w.cost_basis_sol,
    w.cost_basis_usd,
    0,
    0,
    w.closes_position,
    w.position_purchase_amount,
    w.position_buy_count,
    w.position_invested_sol,
    w.position_invested_usd,
    w.position_profit_sol,
    w.position_profit_usd
from public.agent_token_withdrawals as w;

comment on view book.releases is
'Cost that each sale, burn and withdrawal of a token released, its gain, and the sums of the position that it ended.';
