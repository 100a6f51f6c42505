-- Puts one seal on what is not sealed yet of a wallet's facts and voids, at most so many of each; how many it covers.
--
-- What is sealed is known by id: a row that is committed late is in a later seal, and none is in two. Two calls at once
-- would meet in the primary key; jobs.seal_ledgers runs once at a time. settled_before: book.settled_before, which the
-- caller has read before, since the book's own role may not look at others' transactions.
create function book.seal_wallet(wallet text, at timestamptz, settled_before timestamptz, most int)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    last public.ledger_seals;
    s public.ledger_seals;
    fact_left_out timestamptz;
    void_left_out timestamptz;
begin
    s.settled_before := settled_before;
    select ledger_seals.* into last
    from public.ledger_seals
    where ledger_seals.wallet_address = wallet
    order by ledger_seals.number desc
    limit 1;

    select
        coalesce(array_agg(f.id order by f.place) filter (where f.place <= most), '{}'),
        coalesce(array_agg(f.digest order by f.place) filter (where f.place <= most), '{}'),
        min(f.created_at) filter (where f.place > most)
    into s.fact_ids, s.fact_digests, fact_left_out
    from (
        select
            n.id,
            n.created_at,
            n.place,
            case when n.place <= most then book.seal_digest(book.fact_to_seal(n.fact, (n.fact).transaction_hash)) end
                as digest
        from (
            select
                t.id,
                t.created_at,
                row_number() over (order by t.created_at, t.id) as place,
                t as fact
            from public.agent_transactions as t
            where
                t.wallet_address = wallet
                and t.id not in (
                    select unnest(l.fact_ids) from public.ledger_seals as l
                    where l.wallet_address = wallet
                )
        ) as n
    ) as f;

    select
        coalesce(array_agg(v.id order by v.place) filter (where v.place <= most), '{}'),
        coalesce(array_agg(v.digest order by v.place) filter (where v.place <= most), '{}'),
        min(v.voided_at) filter (where v.place > most)
    into s.void_ids, s.void_digests, void_left_out
    from (
        select
            t.id,
            t.voided_at,
            book.seal_digest(book.void_to_seal(t)) as digest,
            row_number() over (order by t.voided_at, t.id) as place
        from public.agent_transactions as t
        where
            t.wallet_address = wallet
            and t.voided_at is not null
            and t.id not in (
                select unnest(l.void_ids) from public.ledger_seals as l
                where l.wallet_address = wallet
            )
    ) as v;

    if cardinality(s.fact_ids) + cardinality(s.void_ids) = 0 then
        return 0;
    end if;
    select
        w.wallet_address,
        w.agent_id,
        w.user_id
    into s.wallet_address, s.agent_id, s.user_id
    from book.wallet_facts as w
    where w.wallet_address = wallet;
    s.number := coalesce(last.number, 0) + 1;
    s.sealed_at := at;
    s.settled_before := least(s.settled_before, fact_left_out, void_left_out);
    s.facts_so_far := coalesce(last.facts_so_far, 0) + cardinality(s.fact_ids);
    s.voids_so_far := coalesce(last.voids_so_far, 0) + cardinality(s.void_ids);
    s.previous_hash := last.hash;
    s.hash := book.seal_hash(s);
    insert into public.ledger_seals
    select (s).*; -- noqa: AM04
    return cardinality(s.fact_ids) + cardinality(s.void_ids);
end
$$;

comment on function book.seal_wallet(text, timestamptz, timestamptz, int) is
'Puts one seal on the wallet''s facts and voids that are in none, the oldest first, at most so many of each; how many
facts and voids it covers, 0 where all are sealed.';
