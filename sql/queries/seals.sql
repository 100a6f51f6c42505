-- What `tradebook verify-seals` asks.

-- name: verify_seals(wallet)
-- What is wrong first with each wallet's sealed facts and voids; of one wallet, or of all where that is null.
select
    v.wallet_address,
    v.number,
    v.row_id::text as row_id,
    v.problem
from book.verify_seals(:wallet::text) as v;

-- name: seal_heads(wallet)
-- The newest seal of each wallet, or of one.
select
    h.wallet_address,
    h.number,
    h.hash,
    h.facts,
    h.voids,
    book.plain_time(h.sealed_at) as sealed_at
from report.seal_heads as h
where :wallet::text is null or h.wallet_address = :wallet::text
order by h.wallet_address collate "C";

-- name: facts_without_seal(wallet)$
-- How many facts no seal covers yet; of one wallet, or of all where that is null.
select coalesce(sum(w.facts - coalesce(h.facts, 0)), 0)
from book.wallet_facts as w
left join report.seal_heads as h on h.wallet_address = w.wallet_address
where :wallet::text is null or w.wallet_address = :wallet::text;

-- name: lost_seals(heads)
-- Which of the seals that were kept elsewhere are not in the database. heads: JSON with wallet_address, number, hash.
select
    k.wallet_address,
    k.number,
    case
        when w.wallet_address is null then 'wallet_missing'
        when s.hash is null then 'seal_missing'
        else 'seal_replaced'
    end as problem
from jsonb_to_recordset(:heads::jsonb) as k (wallet_address text, number int, hash text)
left join agent_wallets as w on w.wallet_address = k.wallet_address
left join ledger_seals as s on s.wallet_address = k.wallet_address and s.number = k.number
where encode(s.hash, 'hex') is distinct from k.hash
order by k.wallet_address collate "C", k.number;
