-- What agents did with signals, as the HTTP service shows it.
create view api.signal_executions with (security_invoker = true) as
select
    e.id,
    e.signal_id as "signalId",
    e.agent_id as "agentId",
    e.status,
    e.transaction_id as "transactionId",
    e.reason,
    e.error,
    book.plain_number(e.size_sol) as "sizeSol",
    e.order_id as "orderId",
    book.plain_time(e.executed_at) as "executedAt"
from public.signal_executions as e;

comment on view api.signal_executions is
'What agents did with signals, as the HTTP service shows it: the columns are the fields of the JSON.';
comment on column api.signal_executions.error is 'Why it failed or was skipped; NULL where it was a success.';
