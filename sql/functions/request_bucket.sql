-- What requests are counted under: a hash, so that the table holds no address of anyone.
create function book.request_bucket(kind text, subject text)
returns bytea
language sql
stable
strict
parallel safe
as $$
    select sha256(convert_to(kind || ': ' || lower(subject), 'UTF8'))
$$;

comment on function book.request_bucket(text, text) is
'The key of request_counts for a kind of request and whom it is from; upper and lower case are the same.';
