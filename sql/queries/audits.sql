-- What `tradebook audit` and `tradebook rebuild` ask.

-- name: ledger_audit(wallets)
-- The violations of the laws of the book, in the wallets given or in all where that is null; amounts as text.
select
    a.law,
    a.wallet_address,
    a.token_address,
    a.subject,
    a.row_id::text as row_id,
    book.plain_number(a.expected) as expected,
    book.plain_number(a.actual) as actual
from report.ledger_audit as a
where :wallets::text[] is null or a.wallet_address = any(:wallets::text[])
order by a.wallet_address collate "C", a.law, a.token_address collate "C", a.subject collate "C", a.row_id;

-- name: wallets_and_facts(wallet)^
-- How many wallets there are, and facts in them; of one wallet, or of all where that is null.
select
    count(*) as wallets,
    coalesce(sum(w.facts), 0) as facts
from book.wallet_facts as w
where :wallet::text is null or w.wallet_address = :wallet::text;

-- name: audit_changed_wallets()#
-- Audits the wallets that changed since their last audit; commits after each, so it stands outside transactions.
call jobs.audit_wallets(now());

-- name: audits_since(since)
-- The wallets that were audited since then: how many facts each has, and how many violations.
select
    a.wallet_address,
    a.facts,
    a.violations
from wallet_audits as a
where a.audited_at >= :since::timestamptz
order by a.wallet_address collate "C";

-- name: wallets_to_rebuild(agent)
-- The wallets of an agent, or of all where that is null.
select w.wallet_address
from agent_wallets as w
where :agent::uuid is null or w.agent_id = :agent::uuid
order by w.wallet_address collate "C";

-- name: rebuild_wallet(wallet)$
-- Brings everything derived of a wallet into step with its facts; how many rows were not.
select book.rebuild_wallet(:wallet::text);

-- name: rebuild_differences(wallet)
-- What a rebuild of the wallet would change: the rows and balances that book.rebuild_wallet counts.
select
    d.token_address,
    d.row_id,
    d.subject
from (
    select
        l.token_address,
        l.row_id::text as row_id,
        l.subject
    from book.audit_law_6(:wallet::text) as l
    where l.expected is distinct from l.actual
    union all
    select
        c.token_address,
        null as row_id,
        'agent_balances: balance' as subject
    from unnest(book.missing_changes(:wallet::text)) as c
    where c.change <> 0
) as d
order by d.token_address collate "C", d.subject collate "C", d.row_id;
