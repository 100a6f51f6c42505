-- The proof: a row for each violation of a law of the book. Empty is right. One wallet costs what that wallet has.
create view report.ledger_audit
with (security_invoker = true) as
select
    v.law,
    a.user_id,
    w.agent_id,
    w.wallet_address,
    v.token_address,
    v.row_id,
    v.subject,
    v.expected,
    v.actual,
    v.actual - v.expected as difference
from public.agent_wallets as w
inner join public.agents as a on a.id = w.agent_id
cross join lateral book.audit_wallet(w.wallet_address) as v;

comment on view report.ledger_audit is
'A row for each violation of a law of the book; empty is right. Laws: 1 balances are sums of legs, 2 positions hold the
balances, 3 cost is conserved, 4 SOL is conserved, 5 sales and historical swaps match, 6 a rebuild from the facts gives the same, 7
rounded and summed columns.';
comment on column report.ledger_audit.law is 'Number of the law.';
comment on column report.ledger_audit.user_id is 'Whose wallet it is.';
comment on column report.ledger_audit.agent_id is 'The agent.';
comment on column report.ledger_audit.wallet_address is 'The wallet.';
comment on column report.ledger_audit.token_address is 'Mint; for law 4 the mint of SOL.';
comment on column report.ledger_audit.row_id is 'The row, where the law is about one.';
comment on column report.ledger_audit.subject is 'What was compared.';
comment on column report.ledger_audit.expected is 'What the facts say.';
comment on column report.ledger_audit.actual is 'What is stored.';
comment on column report.ledger_audit.difference is 'actual - expected.';
