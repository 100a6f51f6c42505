-- Sales and burns as a tax return lists them, at average cost; their sum is the year's total.
create view report.tax_gains with (security_invoker = true) as
select
    s.user_id,
    s.agent_id,
    s.wallet_address,
    extract(year from s.sale_time at time zone 'UTC')::int as tax_year,
    (s.sale_time at time zone 'UTC')::date as sold_on,
    s.sale_time as sold_at,
    s.purchase_time as acquired_at,
    extract(epoch from s.sale_time - s.purchase_time)::bigint as holding_seconds,
    s.token_address,
    s.token_symbol,
    lower(t.transaction_type::text) as kind,
    s.amount,
    s.proceeds_sol + f.fees_sol as received_sol,
    f.fees_sol,
    s.proceeds_sol,
    s.cost_basis_sol as cost_sol,
    s.proceeds_sol - s.cost_basis_sol as gain_sol,
    s.proceeds_usd + f.fees_usd as received_usd,
    f.fees_usd,
    s.proceeds_usd,
    s.cost_basis_usd as cost_usd,
    s.proceeds_usd - s.cost_basis_usd as gain_usd,
    'average cost' as method,
    s.purchase_transaction_id,
    s.sale_transaction_id,
    t.transaction_hash
from public.agent_historical_swaps as s
inner join public.agent_transactions as t on t.agent_id = s.agent_id and t.id = s.sale_transaction_id
cross join lateral (
    -- The fee of a burn is an expense: it is not in the gain.
    select
        case t.transaction_type when 'SWAP' then t.fees_sol else 0 end as fees_sol,
        case t.transaction_type when 'SWAP' then t.fees_usd else 0 end as fees_usd
) as f;

comment on view report.tax_gains is
'A row for each sale and burn of a token, with its gain at average cost, exact; a year''s total is the sum of its rows.
Received less fees is proceeds; proceeds less cost is gain. Other methods: report.lots. Fees of deposits, withdrawals and
burns are not in these: see report.fees_and_expenses.';
comment on column report.tax_gains.user_id is 'Whose wallet it is.';
comment on column report.tax_gains.agent_id is 'The agent.';
comment on column report.tax_gains.wallet_address is 'The wallet.';
comment on column report.tax_gains.tax_year is 'The calendar year of the sale, UTC.';
comment on column report.tax_gains.sold_on is 'The date of the sale or burn, UTC.';
comment on column report.tax_gains.sold_at is 'The same with its time.';
comment on column report.tax_gains.acquired_at is
'When the position opened. With average cost a part of it may have been bought later, until the sale.';
comment on column report.tax_gains.holding_seconds is 'Seconds from acquired_at to sold_at.';
comment on column report.tax_gains.token_address is 'Mint of the token.';
comment on column report.tax_gains.token_symbol is 'Its symbol.';
comment on column report.tax_gains.kind is 'swap: sold for SOL or another token; burn: destroyed for nothing.';
comment on column report.tax_gains.amount is 'Whole tokens.';
comment on column report.tax_gains.received_sol is 'Value received, before fees, SOL; 0 for a burn.';
comment on column report.tax_gains.fees_sol is 'Fees of the sale, SOL; 0 for a burn, whose fee is an expense.';
comment on column report.tax_gains.proceeds_sol is 'received_sol less fees_sol.';
comment on column report.tax_gains.cost_sol is 'Average cost of what was sold, fees of its purchase included, SOL.';
comment on column report.tax_gains.gain_sol is 'proceeds_sol less cost_sol.';
comment on column report.tax_gains.received_usd is 'Value received, before fees, USD at the time of the sale.';
comment on column report.tax_gains.fees_usd is 'Fees of the sale, USD at the time of the sale.';
comment on column report.tax_gains.proceeds_usd is 'received_usd less fees_usd.';
comment on column report.tax_gains.cost_usd is 'Average cost of what was sold, USD at the times of its purchases.';
comment on column report.tax_gains.gain_usd is 'proceeds_usd less cost_usd.';
comment on column report.tax_gains.method is 'How cost is found: average cost of the position.';
comment on column report.tax_gains.purchase_transaction_id is 'The transaction that opened the position.';
comment on column report.tax_gains.sale_transaction_id is 'The sale or burn.';
comment on column report.tax_gains.transaction_hash is 'Its signature on the chain; NULL where none was told.';
