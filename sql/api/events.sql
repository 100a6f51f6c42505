-- Events as clients are told them, each with what it is about as it is now.
--
-- As it is now, rather than as it was: writers then pay for ids alone, a client gets what a GET would answer it under
-- the same row security, and who catches up after a day is not told a state that has passed.
create view api.events with (security_invoker = true) as
select
    e.sequence as id,
    e.kind,
    e.change,
    e.agent_id as "agentId",
    e.wallet_address as "walletAddress",
    e.token_address as "tokenAddress",
    e.subject_id as "subjectId",
    e.signal_id as "signalId",
    book.plain_time(e.created_at) as "createdAt",
    book.event_document(e.kind, e.agent_id, e.subject_id, e.signal_id, e.token_address) as document
from public.events as e;

comment on view api.events is
'Events of GET /events, in the order in which clients are told.';
comment on column api.events.id is 'The number that a client resumes after.';
comment on column api.events.document is
'The transaction, position, order, signal or price as it is now, as its own resource has it; NULL where it is there no
more, as a position that was closed.';
