-- A UUID that follows from a text: the same text, the same id.
create function book.id_from(content text)
returns uuid
language sql
immutable
strict
parallel safe
as $$
    select left(encode(sha256(convert_to(content, 'UTF8')), 'hex'), 32)::uuid
$$;

comment on function book.id_from(text) is 'A UUID that follows from a text: the first 128 bits of its SHA-256.';
