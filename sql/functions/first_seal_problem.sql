-- What is wrong first with the sealed facts and voids of a wallet, in the order of its seals; no row where all is well.
--
--   fact_altered, void_altered    a sealed one that says something else now
--   fact_missing, void_missing    a sealed one that is gone, or a void that was taken back
--   fact_inserted, void_inserted  it says that it was recorded before a seal's settled_before, and is not in the seals
--                                 up to that one: it was put in later, or its time is false
--   seal_altered                  its columns and its hash disagree
--   seal_missing                  the numbers have a gap
--   seal_replaced                 its previous hash is not the hash of the seal before: one of the two was made anew
--
-- It proves that what was sealed is what was there then, as long as the newest seal is the true one. Whoever can change
-- facts and make all later seals anew, or remove the newest ones, is found out only by hashes that are kept elsewhere
-- (report.seal_heads). What was put in since the newest seal, with a time since then, looks like any new fact; so does
-- a void (the audit finds one that the derived rows do not follow). A signature that was missing when the fact was
-- sealed may have been filled in, and is not protected.
create function book.first_seal_problem(wallet text)
returns table (number int, row_id uuid, problem text)
language plpgsql
stable
as $$
begin
    return query
    with seal as (
        select
            s.number,
            s.fact_ids,
            s.fact_digests,
            s.void_ids,
            s.void_digests,
            s.previous_hash,
            s.hash,
            book.seal_hash(s) as true_hash,
            lag(s.number, 1, 0) over (order by s.number) as number_before,
            lag(s.hash) over (order by s.number) as hash_before,
            max(s.settled_before) over (
                order by s.number rows between unbounded preceding and 1 preceding
            ) as settled_before
        from public.ledger_seals as s
        where s.wallet_address = wallet
    ),

    sealed_fact as (
        select
            s.number,
            s.settled_before,
            f.id,
            f.digest,
            f.place
        from seal as s
        cross join lateral unnest(s.fact_ids, s.fact_digests) with ordinality as f (id, digest, place)
    ),

    sealed_void as (
        select
            s.number,
            s.settled_before,
            v.id,
            v.digest,
            v.place
        from seal as s
        cross join lateral unnest(s.void_ids, s.void_digests) with ordinality as v (id, digest, place)
    ),

    found as (
        select
            s.number_before + 1 as number,
            0 as rank,
            0::bigint as place,
            null::uuid as row_id,
            'seal_missing' as problem
        from seal as s
        where s.number <> s.number_before + 1
        union all
        select
            s.number,
            1,
            0,
            null,
            case when s.hash <> s.true_hash then 'seal_altered' else 'seal_replaced' end
        from seal as s
        where
            s.hash <> s.true_hash
            or (s.number = s.number_before + 1 and s.previous_hash is distinct from s.hash_before)
        union all
        select
            f.number,
            2,
            f.place,
            f.id,
            case
                when t.id is null then 'fact_missing'
                when
                    f.digest <> book.seal_digest(book.fact_to_seal(t, t.transaction_hash))
                    and f.digest <> book.seal_digest(book.fact_to_seal(t, null))
                    then 'fact_altered'
                when t.created_at < f.settled_before then 'fact_inserted'
            end
        from sealed_fact as f
        left join public.agent_transactions as t on t.id = f.id
        union all
        select
            v.number,
            3,
            v.place,
            v.id,
            case
                when t.voided_at is null then 'void_missing'
                when v.digest <> book.seal_digest(book.void_to_seal(t)) then 'void_altered'
                when t.voided_at < v.settled_before then 'void_inserted'
            end
        from sealed_void as v
        left join public.agent_transactions as t on t.id = v.id
        union all
        select
            null,
            4,
            row_number() over (order by t.created_at, t.id),
            t.id,
            case when t.id not in (select f.id from sealed_fact as f) then 'fact_inserted' else 'void_inserted' end
        from public.agent_transactions as t
        cross join (
            select max(s.settled_before) as settled_before from public.ledger_seals as s
            where s.wallet_address = wallet
        ) as newest
        where
            t.wallet_address = wallet
            and (
                (t.created_at < newest.settled_before and t.id not in (select f.id from sealed_fact as f))
                or (t.voided_at < newest.settled_before and t.id not in (select v.id from sealed_void as v))
            )
    )

    select
        f.number,
        f.row_id,
        f.problem
    from found as f
    where f.problem is not null
    order by f.number asc nulls last, f.rank, f.place
    limit 1;
end
$$;

comment on function book.first_seal_problem(text) is
'What is wrong first with the sealed facts and voids of a wallet: number of the seal (NULL: in none), the transaction,
and fact_altered, fact_missing, fact_inserted, void_altered, void_missing, void_inserted, seal_altered, seal_missing or
seal_replaced. No row where all is right.';
