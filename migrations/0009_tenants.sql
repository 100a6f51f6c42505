-- Whose a signal is, and which user's rows a person's login sees.

alter table trading_signals
add column user_id uuid,
add constraint trading_signals_user_id_fkey foreign key (user_id) references users (id) on delete cascade;

create index trading_signals_user_id_idx on trading_signals (user_id);

comment on column trading_signals.user_id is 'Whose signal it is; NULL is the operator''s, for everyone.';

-- A user goes with his signals and with the trades that name them, in whatever order the keys' triggers fire: these
-- look at the end of the transaction.
alter table agent_transactions
alter constraint agent_transactions_signal_id_fkey deferrable initially deferred;
alter table agent_positions
alter constraint agent_positions_signal_id_fkey deferrable initially deferred;
alter table agent_historical_swaps
alter constraint agent_historical_swaps_signal_id_fkey deferrable initially deferred;
alter table signal_executions
alter constraint signal_executions_signal_id_fkey deferrable initially deferred;

create table bi_logins (
    login name constraint bi_logins_pkey primary key,
    user_id uuid not null,
    created_at timestamptz not null default now(),
    constraint bi_logins_user_id_fkey foreign key (user_id) references users (id) on delete cascade
);

create index bi_logins_user_id_idx on bi_logins (user_id);

comment on table bi_logins is 'Logins of PostgreSQL for people and BI tools, which read the rows of one user.';
comment on column bi_logins.login is 'The role that logs in.';
comment on column bi_logins.user_id is 'Whose rows it reads.';
comment on column bi_logins.created_at is 'When it was granted.';
