-- The proof: a row for each violation of a law of the book. Empty is right.
--
-- Facts are read on one side and derived rows on the other; but for is_dca nothing here uses the code that derived
-- them.
create view report.ledger_audit with (security_invoker = true) as
select
    law.number as law,
    law.user_id,
    law.agent_id,
    law.wallet_address,
    law.token_address,
    law.row_id,
    law.subject,
    law.expected,
    law.actual,
    law.actual - law.expected as difference
from (
    select
        1 as number,
        l.user_id,
        l.agent_id,
        l.wallet_address,
        l.token_address,
        l.row_id,
        l.subject,
        l.expected,
        l.actual
    from book.audit_law_1 as l
    union all
    select
        2,
        l.user_id,
        l.agent_id,
        l.wallet_address,
        l.token_address,
        l.row_id,
        l.subject,
        l.expected,
        l.actual
    from book.audit_law_2 as l
    union all
    select
        3,
        l.user_id,
        l.agent_id,
        l.wallet_address,
        l.token_address,
        l.row_id,
        l.subject,
        l.expected,
        l.actual
    from book.audit_law_3 as l
    union all
    select
        4,
        l.user_id,
        l.agent_id,
        l.wallet_address,
        l.token_address,
        l.row_id,
        l.subject,
        l.expected,
        l.actual
    from book.audit_law_4 as l
    union all
    select
        5,
        l.user_id,
        l.agent_id,
        l.wallet_address,
        l.token_address,
        l.row_id,
        l.subject,
        l.expected,
        l.actual
    from book.audit_law_5 as l
    union all
    select
        7,
        l.user_id,
        l.agent_id,
        l.wallet_address,
        l.token_address,
        l.row_id,
        l.subject,
        l.expected,
        l.actual
    from book.audit_law_7 as l
) as law
where law.expected is distinct from law.actual;

comment on view report.ledger_audit is
'A row for each violation of a law of the book; empty is right. Laws: 1 balances are sums of legs, 2 positions hold the
balances, 3 cost is conserved, 4 SOL is conserved, 5 sales and historical swaps match, 7 rounded and summed columns.';
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
