-- What was paid beside prices: a row for each fact with a fee, and for each burn of SOL. In order of agent_id and
-- transaction_time by an index.
create view report.fees_and_expenses with (security_invoker = true) as
select
    t.id,
    t.user_id,
    t.agent_id,
    t.wallet_address,
    t.transaction_time,
    t.transaction_type,
    case
        when t.transaction_type = 'SWAP' and t.input_mint = book.sol_mint() then t.output_mint
        else t.input_mint
    end as token_address,
    t.fees_sol,
    t.fees_usd,
    case when t.transaction_type = 'BURN' and t.input_mint = book.sol_mint() then t.value_sol else 0 end as burned_sol,
    case when t.transaction_type = 'BURN' and t.input_mint = book.sol_mint() then t.value_usd else 0 end as burned_usd,
    t.transaction_type <> 'SWAP' as is_expense
from public.agent_transactions as t
where
    t.wallet_address is not null
    and t.voided_at is null
    and (t.fees_sol > 0 or t.fees_usd > 0 or (t.transaction_type = 'BURN' and t.input_mint = book.sol_mint()));

comment on view report.fees_and_expenses is
'What was paid beside prices: a row for each fact with a fee, and for each burn of SOL (rent, tips, failed
transactions).
Expenses are fees_sol + burned_sol where is_expense; the fees of SWAPs are in cost and proceeds, and so in the gains.';
comment on column report.fees_and_expenses.id is 'The transaction.';
comment on column report.fees_and_expenses.user_id is 'Whose it is.';
comment on column report.fees_and_expenses.agent_id is 'The agent.';
comment on column report.fees_and_expenses.wallet_address is 'The wallet.';
comment on column report.fees_and_expenses.transaction_time is 'When it was.';
comment on column report.fees_and_expenses.transaction_type is 'DEPOSIT, WITHDRAWAL, SWAP or BURN.';
comment on column report.fees_and_expenses.token_address is 'Mint that was bought, sold, burned or moved.';
comment on column report.fees_and_expenses.fees_sol is 'Its fees, SOL.';
comment on column report.fees_and_expenses.fees_usd is 'Its fees, USD at its time.';
comment on column report.fees_and_expenses.burned_sol is 'SOL that it burned; 0 for all but a BURN of SOL.';
comment on column report.fees_and_expenses.burned_usd is 'The same in USD at its time.';
comment on column report.fees_and_expenses.is_expense is 'Whether it is in no gain: true for all but SWAPs.';
