-- Accounts and the keys that programs use.

create table users (
    id uuid constraint users_pkey primary key default gen_random_uuid(),
    email varchar(255) not null,
    password_hash varchar(255),
    created_at timestamptz not null default now(),
    failed_login_attempts int not null default 0,
    locked_until timestamptz,
    constraint users_email_key unique (email),
    constraint users_email_is_an_address check (email ~ '^[^@[:space:][:cntrl:]]+@[^@[:space:][:cntrl:]]+$'),
    constraint users_password_hash_is_bcrypt check (password_hash ~ '^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$'),
    constraint users_failed_login_attempts_is_not_negative check (failed_login_attempts >= 0)
);

-- Two spellings of one address are one account.
create unique index users_email_in_lower_case_key on users (lower(email));

comment on table users is 'User accounts. Deleting one takes its agents, wallets, trades and keys with it.';
comment on column users.id is 'Unique identifier.';
comment on column users.email is 'E-mail address; unique whatever its case.';
comment on column users.password_hash is 'bcrypt hash of the password; NULL where the account cannot log in.';
comment on column users.created_at is 'When the account was made.';
comment on column users.failed_login_attempts is 'Failed logins in a row.';
comment on column users.locked_until is 'No login before this time; NULL when not locked.';

create table api_keys (
    id uuid constraint api_keys_pkey primary key default gen_random_uuid(),
    user_id uuid not null,
    name varchar(100) not null,
    key_hash text not null,
    key_prefix varchar(12) not null,
    scopes text[] not null default '{}',
    created_at timestamptz not null default now(),
    constraint api_keys_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint api_keys_key_hash_key unique (key_hash),
    constraint api_keys_name_is_not_blank check (name ~ '[^[:space:]]' and name !~ '[[:cntrl:]]'),
    constraint api_keys_key_hash_is_bcrypt check (key_hash ~ '^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$'),
    constraint api_keys_key_prefix_has_12_characters check (key_prefix ~ '^nex_[A-Za-z0-9_-]{8}$'),
    constraint api_keys_scopes_are_known check (
        array_position(scopes, null) is null
        and scopes <@ array[
            'signals', 'agents', 'positions', 'balances', 'transactions', 'history', 'trade', 'full_access', 'feed'
        ]
    )
);

create index api_keys_user_id_idx on api_keys (user_id);
-- A request brings the key, so the row is found by what of it is stored in clear.
create index api_keys_key_prefix_idx on api_keys (key_prefix);

comment on table api_keys is 'Keys for programs. The key itself is shown once, when made; only its hash is kept.';
comment on column api_keys.id is 'Unique identifier.';
comment on column api_keys.user_id is 'Whose key it is.';
comment on column api_keys.name is 'Display name.';
comment on column api_keys.key_hash is 'bcrypt hash of the whole key.';
comment on column api_keys.key_prefix is 'The first 12 characters of the key, to find and to recognise it.';
comment on column api_keys.scopes is
'What the key may do: signals, agents, positions, balances, transactions, history, trade, full_access, feed.';
comment on column api_keys.created_at is 'When the key was made.';
