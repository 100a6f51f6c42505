-- name: flag_dead_token(owner, request)$
-- Burns what is held of a token, by everybody where the owner is null: how many positions, as JSON text.
select row_to_json(b)::text
from book.flag_dead_token(:owner::uuid, :request::jsonb, clock_timestamp()) as b;
