-- The hash of a seal: SHA-256 over all its other columns, the hash of the seal before it among them.
create function book.seal_hash(s public.ledger_seals)
returns bytea
language sql
stable
as $$
    select sha256(convert_to(
        concat_ws(
            e'\n',
            s.wallet_address,
            s.number,
            s.agent_id,
            s.user_id,
            extract(epoch from s.sealed_at),
            extract(epoch from s.settled_before),
            s.facts_so_far,
            s.voids_so_far,
            array_to_string(s.fact_ids, ','),
            array_to_string(s.fact_digests, ','),
            array_to_string(s.void_ids, ','),
            array_to_string(s.void_digests, ','),
            coalesce(encode(s.previous_hash, 'hex'), 'first')
        ),
        'UTF8'
    ))
$$;

comment on function book.seal_hash(public.ledger_seals) is
'SHA-256 over all other columns of a seal. Whatever the session''s settings are.';
