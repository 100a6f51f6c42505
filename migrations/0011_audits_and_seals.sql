-- What was proved of each wallet, and when: audits of the derived rows, and seals that show whether facts were altered.

create table wallet_audits (
    wallet_address varchar(44) constraint wallet_audits_pkey primary key,
    agent_id uuid not null,
    user_id uuid not null,
    audited_at timestamptz not null,
    facts int not null,
    voids int not null,
    violations int not null,
    first_violation text,
    constraint wallet_audits_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint wallet_audits_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    constraint wallet_audits_audited_at_is_finite check (isfinite(audited_at)),
    constraint wallet_audits_facts_include_the_voided check (voids between 0 and facts),
    constraint wallet_audits_first_violation_comes_with_violations check (
        violations >= 0 and (first_violation is null) = (violations = 0)
    )
);

create index wallet_audits_agent_id_idx on wallet_audits (agent_id);

comment on table wallet_audits is
'The last audit of each wallet by jobs.audit_wallets: what it covered and what it found.';
comment on column wallet_audits.wallet_address is 'The wallet.';
comment on column wallet_audits.agent_id is 'The agent.';
comment on column wallet_audits.user_id is 'The agent''s user.';
comment on column wallet_audits.audited_at is 'When it was audited, as the scheduler says it.';
comment on column wallet_audits.facts is
'How many facts it covered, voided ones included. With another number, the wallet has changed since.';
comment on column wallet_audits.voids is 'How many of them were voided.';
comment on column wallet_audits.violations is 'How many violations of the laws of the book it found; 0 is right.';
comment on column wallet_audits.first_violation is 'The first of them in words; NULL where there is none.';

create table ledger_seals (
    wallet_address varchar(44) not null,
    number int not null,
    agent_id uuid not null,
    user_id uuid not null,
    sealed_at timestamptz not null,
    settled_before timestamptz not null,
    facts_so_far int not null,
    voids_so_far int not null,
    fact_ids uuid[] not null,
    fact_digests uuid[] not null,
    void_ids uuid[] not null,
    void_digests uuid[] not null,
    previous_hash bytea,
    hash bytea not null,
    -- Serves the look-up by wallet_address too.
    constraint ledger_seals_pkey primary key (wallet_address, number),
    constraint ledger_seals_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint ledger_seals_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    constraint ledger_seals_number_counts_from_1 check (number >= 1),
    constraint ledger_seals_sealed_at_is_finite check (isfinite(sealed_at)),
    constraint ledger_seals_settled_before_is_not_after_sealed_at check (
        settled_before <= sealed_at and isfinite(settled_before)
    ),
    constraint ledger_seals_fact_ids_have_their_digests check (
        cardinality(fact_ids) = cardinality(fact_digests)
        and array_position(fact_ids, null) is null and array_position(fact_digests, null) is null
    ),
    constraint ledger_seals_void_ids_have_their_digests check (
        cardinality(void_ids) = cardinality(void_digests)
        and array_position(void_ids, null) is null and array_position(void_digests, null) is null
    ),
    constraint ledger_seals_covers_something check (cardinality(fact_ids) + cardinality(void_ids) > 0),
    constraint ledger_seals_so_far_counts_its_own check (
        facts_so_far >= cardinality(fact_ids) and voids_so_far >= cardinality(void_ids)
    ),
    constraint ledger_seals_hash_is_sha256 check (length(hash) = 32),
    constraint ledger_seals_previous_hash_is_missing_in_the_first check (
        (previous_hash is null) = (number = 1) and length(previous_hash) = 32
    )
);

create index ledger_seals_agent_id_idx on ledger_seals (agent_id);

-- Neither ids nor digests can be compressed, so nobody should try.
alter table ledger_seals
alter column fact_ids set storage external,
alter column fact_digests set storage external,
alter column void_ids set storage external,
alter column void_digests set storage external;

comment on table ledger_seals is
'A chain of hashes per wallet over its facts and voids, by jobs.seal_ledgers: book.verify_seals tells what was altered,
removed or put in since. A fact costs 32 bytes here and nothing where it is written.';
comment on column ledger_seals.wallet_address is 'The wallet.';
comment on column ledger_seals.number is 'Place in the wallet''s chain, from 1.';
comment on column ledger_seals.agent_id is 'The agent.';
comment on column ledger_seals.user_id is 'The agent''s user.';
comment on column ledger_seals.sealed_at is 'When it was made, as the scheduler says it.';
comment on column ledger_seals.settled_before is
'Facts and voids from before this time were all to be seen when it was made: one that says so and is in no seal up to
this one was put in later.';
comment on column ledger_seals.facts_so_far is 'Facts in this seal and those before it.';
comment on column ledger_seals.voids_so_far is 'Voids in this seal and those before it.';
comment on column ledger_seals.fact_ids is 'The facts that it covers, in order of arrival.';
comment on column ledger_seals.fact_digests is
'For each of them the first 16 bytes of the SHA-256 of book.fact_to_seal, written as a uuid.';
comment on column ledger_seals.void_ids is 'The facts whose voiding it covers.';
comment on column ledger_seals.void_digests is 'The same of book.void_to_seal.';
comment on column ledger_seals.previous_hash is 'hash of the seal before; NULL in the first.';
comment on column ledger_seals.hash is 'SHA-256 over all other columns: book.seal_hash.';

-- How many facts and voids each wallet has is asked again and again; a fact that is not voided is not in it.
create index agent_transactions_voided_idx on agent_transactions (wallet_address) where voided_at is not null;
