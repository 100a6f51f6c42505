-- The first half of a text's SHA-256, as a uuid: 16 bytes in an array, where bytea takes 20. To find another text with
-- the same half takes 2^128 attempts.
create function book.seal_digest(sealed text)
returns uuid
language sql
immutable
strict
parallel safe
as $$
    select encode(substr(sha256(convert_to(sealed, 'UTF8')), 1, 16), 'hex')::uuid
$$;

comment on function book.seal_digest(text) is 'The first 16 bytes of a text''s SHA-256, written as a uuid.';
