-- What the HTTP service says of audits and seals.
create view api.ledger_health with (security_invoker = true) as
select
    f.status,
    book.plain_time(now()) as time,
    f.wallets,
    f.audited_wallets as "auditedWallets",
    f.wallets_with_violations as "walletsWithViolations",
    f.audit_violations as violations,
    f.facts,
    f.unaudited_facts as "unauditedFacts",
    f.unsealed_facts as "unsealedFacts",
    book.plain_time(f.oldest_audit_at) as "oldestAuditAt",
    book.plain_time(f.last_audit_run_at) as "lastAuditRunAt"
from book.ledger_figures(now()) as f;

comment on view api.ledger_health is
'How the audits and seals of the whole installation stand: numbers, no user''s data.';
comment on column api.ledger_health.status is
'violations: an audit found that a book does not hold. overdue: there are facts, and no audit has run for three hours.
ok: neither.';
comment on column api.ledger_health.time is 'When this was read.';
comment on column api.ledger_health.wallets is 'Wallets.';
comment on column api.ledger_health."auditedWallets" is 'Wallets that were audited at least once.';
comment on column api.ledger_health."walletsWithViolations" is 'Wallets whose last audit found a violation.';
comment on column api.ledger_health.violations is
'Violations of the laws of the book that the last audits found; 0 is right.';
comment on column api.ledger_health.facts is 'Transactions, voided ones included.';
comment on column api.ledger_health."unauditedFacts" is 'Transactions that no audit has covered yet.';
comment on column api.ledger_health."unsealedFacts" is 'Transactions that are in no seal yet.';
comment on column api.ledger_health."oldestAuditAt" is
'When the wallet was audited whose last audit is the oldest; a wallet that has not changed since need not be audited
again. NULL where none was.';
comment on column api.ledger_health."lastAuditRunAt" is
'When the job that audits wallets last ran to its end; NULL where it never did.';
