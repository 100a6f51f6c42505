-- name: list_transactions(owner, agent, wallet, kind, token, start_time, end_time, limit, after_time, after_order)^
-- The user's transactions that count, newest first: body as JSON text, and the place of the last one where there may be
-- more.
with page as (
    select
        t.document,
        t.transaction_time,
        t.ledger_order
    from api.transactions as t
    where
        t.user_id = :owner::uuid
        and t.voided_at is null
        and (:agent::uuid is null or t.agent_id = :agent::uuid)
        and (:wallet::text is null or t.wallet_address = :wallet::text)
        and (:kind::text is null or t.transaction_type = :kind::text::"TransactionType")
        and (:token::text is null or t.input_mint = :token::text or t.output_mint = :token::text)
        and (:start_time::timestamptz is null or t.transaction_time >= :start_time::timestamptz)
        and (:end_time::timestamptz is null or t.transaction_time < :end_time::timestamptz)
        and (
            :after_time::timestamptz is null
            or (t.transaction_time, t.ledger_order) < (:after_time::timestamptz, :after_order::bigint)
        )
    order by t.transaction_time desc, t.ledger_order desc
    limit :limit::int
)

select
    coalesce(json_agg(p.document order by p.transaction_time desc, p.ledger_order desc), '[]')::text as body,
    case
        when count(*) = :limit::int
            then (
                array_agg(
                    json_build_array(p.transaction_time, p.ledger_order)
                    order by p.transaction_time, p.ledger_order
                )
            )[1]::text
    end as last_place
from page as p;

-- name: get_transaction(owner, id)$
-- One of the user's transactions, as JSON text.
select t.document::text
from api.transactions as t
where t.user_id = :owner::uuid and t.id = :id::uuid;

-- name: record_transaction(owner, request, idempotency_key)^
-- Books a transaction: body as JSON text, and whether it had been booked before.
select
    r.document::text as body,
    r.is_replayed
from book.record_transaction(:owner::uuid, :request::jsonb, :idempotency_key::uuid) as r;
