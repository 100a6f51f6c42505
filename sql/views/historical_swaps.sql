-- Sales and burns with the signal that opened their position. In order of agent_id and sale_time by an index.
create view report.historical_swaps with (security_invoker = true) as
select
    s.id,
    s.user_id,
    s.agent_id,
    s.wallet_address,
    s.token_address,
    s.token_symbol,
    s.position_id,
    s.purchase_time,
    s.sale_time,
    extract(epoch from s.sale_time - s.purchase_time) as holding_seconds,
    s.amount,
    s.purchase_price,
    s.sale_price,
    s.cost_basis_sol,
    s.proceeds_sol,
    s.proceeds_sol - s.cost_basis_sol as gain_sol,
    s.cost_basis_usd,
    s.proceeds_usd,
    s.proceeds_usd - s.cost_basis_usd as gain_usd,
    book.round_quotient(100 * (s.proceeds_sol - s.cost_basis_sol), nullif(s.cost_basis_sol, 0)) as return_percent,
    s.closes_position,
    s.close_reason,
    s.signal_id,
    g.signal_type,
    g.source as signal_source,
    g.signal_strength
from public.agent_historical_swaps as s
left join public.trading_signals as g on g.id = s.signal_id;

comment on view report.historical_swaps is
'Completed sales and burns of tokens, partial ones included, one row each, with the signal that opened the position.';
comment on column report.historical_swaps.id is 'The sale or burn.';
comment on column report.historical_swaps.user_id is 'Whose it is.';
comment on column report.historical_swaps.agent_id is 'The agent.';
comment on column report.historical_swaps.wallet_address is 'The wallet.';
comment on column report.historical_swaps.token_address is 'Mint of the token.';
comment on column report.historical_swaps.token_symbol is 'Its symbol.';
comment on column report.historical_swaps.position_id is 'The position: its opening transaction.';
comment on column report.historical_swaps.purchase_time is 'When the position opened.';
comment on column report.historical_swaps.sale_time is 'When it was sold or burned.';
comment on column report.historical_swaps.holding_seconds is 'sale_time - purchase_time, seconds.';
comment on column report.historical_swaps.amount is 'Whole tokens.';
comment on column report.historical_swaps.purchase_price is 'Average cost, SOL per token; for reading.';
comment on column report.historical_swaps.sale_price is 'SOL received per token before fees; for reading.';
comment on column report.historical_swaps.cost_basis_sol is 'Average cost that was released, SOL.';
comment on column report.historical_swaps.proceeds_sol is 'Received less fees, SOL; 0 for a burn.';
comment on column report.historical_swaps.gain_sol is 'proceeds_sol - cost_basis_sol, exact.';
comment on column report.historical_swaps.cost_basis_usd is 'Cost that was released, USD at the buys'' times.';
comment on column report.historical_swaps.proceeds_usd is 'Received less fees, USD at the sale''s time.';
comment on column report.historical_swaps.gain_usd is 'proceeds_usd - cost_basis_usd, exact.';
comment on column report.historical_swaps.return_percent is
'gain_sol in percent of cost_basis_sol, 18 decimals; NULL where that is 0.';
comment on column report.historical_swaps.closes_position is 'Whether it is the last one of its position.';
comment on column report.historical_swaps.close_reason is 'Why it was sold; burn for a burn.';
comment on column report.historical_swaps.signal_id is 'The opening transaction''s signal.';
comment on column report.historical_swaps.signal_type is 'That signal''s type.';
comment on column report.historical_swaps.signal_source is 'That signal''s source.';
comment on column report.historical_swaps.signal_strength is 'That signal''s strength, 1 to 5.';
