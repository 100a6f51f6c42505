-- name: stream_events(parameters)^
-- What a stream is asked for: agent, kind and after, null where not said.
select
    (p.given ->> 'agentId')::uuid as agent,
    p.given ->> 'kind' as kind,
    (p.given ->> 'lastEventId')::bigint as after
from (select book.read_parameters(:parameters::jsonb, 'stream_events') as given) as p;

-- name: number_events(most)^
-- Numbers committed events: numbered, how many, and last_sequence, the newest of all.
select
    n.numbered,
    n.last_sequence
from book.number_events(:most::int) as n;

-- name: events_after(owner, agent, kinds, after, most)
-- A user's events after one: sequence, kind, document as JSON text; the last row has no kind and says how far it goes.
select
    e.sequence,
    e.kind,
    e.document::text as document
from book.events_after(:owner::uuid, :agent::uuid, :kinds::text[], :after::bigint, :most::int) as e;
