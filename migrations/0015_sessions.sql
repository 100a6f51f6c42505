-- Logins of people, and how often somebody has asked lately.

alter table settings
add column registration_is_open boolean not null default true;

comment on column settings.registration_is_open is
'Whether anyone may register over HTTP; where false, accounts are made by tradebook user add.';

create table sessions (
    id uuid constraint sessions_pkey primary key,
    user_id uuid not null,
    remember_me boolean not null,
    created_at timestamptz not null,
    access_hash bytea not null,
    access_expires_at timestamptz not null,
    refresh_hash bytea not null,
    refresh_expires_at timestamptz not null,
    constraint sessions_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint sessions_access_hash_is_sha256 check (octet_length(access_hash) = 32),
    constraint sessions_refresh_hash_is_sha256 check (octet_length(refresh_hash) = 32),
    constraint sessions_times_are_in_order check (
        isfinite(created_at) and isfinite(refresh_expires_at)
        and created_at < access_expires_at and access_expires_at <= refresh_expires_at
    )
);

create index sessions_user_id_idx on sessions (user_id);

comment on table sessions is
'Logins: each has one access token and one refresh token at a time, kept as hashes. A session that is revoked is
deleted.';
comment on column sessions.id is 'The session; its tokens hold it too, so it is shown to nobody.';
comment on column sessions.user_id is 'Who has logged in.';
comment on column sessions.remember_me is 'Whether a refresh token lasts 30 days instead of 24 hours.';
comment on column sessions.created_at is 'When the user logged in.';
comment on column sessions.access_hash is 'SHA-256 of the access token.';
comment on column sessions.access_expires_at is 'Until when the access token is good.';
comment on column sessions.refresh_hash is
'SHA-256 of the refresh token. One of this session that has another hash was used before.';
comment on column sessions.refresh_expires_at is 'Until when the refresh token is good, and so the session.';

-- Unlogged: after a crash everybody starts from zero, and counting costs no write-ahead log.
create unlogged table request_counts (
    bucket bytea constraint request_counts_pkey primary key,
    requests int not null,
    ends_at timestamptz not null,
    constraint request_counts_bucket_is_sha256 check (octet_length(bucket) = 32),
    constraint request_counts_requests_is_positive check (requests > 0),
    constraint request_counts_ends_at_is_finite check (isfinite(ends_at))
);

-- Those that are over are removed by whoever comes next.
create index request_counts_ends_at_idx on request_counts (ends_at);

comment on table request_counts is
'How many requests of a kind came from one address, user or e-mail address in its period. Empty after a crash.';
comment on column request_counts.bucket is 'SHA-256 of the kind and of whom is counted, so that no address is stored.';
comment on column request_counts.requests is 'How many there were.';
comment on column request_counts.ends_at is 'When the period is over, and counting starts again.';
