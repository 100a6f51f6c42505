-- What the book announces to clients, and the order in which they are told.
--
-- Writers put what happened into event_outbox, in the same transaction. A number drawn there may become visible after a
-- larger one, so nobody is told by it: book.number_events moves what is committed to events, a batch at a time, and
-- gives it the number by which clients read and resume. Facts of a wallet are written while it is locked, so the order
-- of their ids is the order of their commits.
--
-- No foreign keys: they would cost each trade look-ups, locks and indexes, and what is told of something that has gone
-- is its ids. These go with settings.event_retention.

create table event_outbox (
    id bigint generated always as identity constraint event_outbox_pkey primary key,
    user_id uuid,
    agent_id uuid,
    wallet_address varchar(44),
    token_address varchar(255),
    kind text not null,
    change text not null,
    subject_id uuid,
    signal_id int,
    created_at timestamptz not null default now(),
    constraint event_outbox_kind_is_known check (
        kind in ('transactions', 'positions', 'orders', 'signals', 'prices')
    ),
    constraint event_outbox_change_is_a_name check (change ~ '^[a-z]+$'),
    constraint event_outbox_everyones_are_signals_and_prices check (
        user_id is not null or kind in ('signals', 'prices')
    ),
    constraint event_outbox_subject_is_of_its_kind check (
        case kind
            when 'signals' then signal_id is not null
            when 'prices' then token_address is not null
            else subject_id is not null
        end
    )
);

comment on table event_outbox is
'Events that are not numbered yet: what happened, by ids. Rows stay for a moment, until book.number_events takes them.';
comment on column event_outbox.id is 'Order in which they were written; within a wallet that of the commits.';
comment on column event_outbox.user_id is 'Who is told; NULL for everyone whom it concerns.';
comment on column event_outbox.agent_id is 'The agent; NULL for signals and prices.';
comment on column event_outbox.wallet_address is 'The wallet; NULL for signals, prices, and facts that move nothing.';
comment on column event_outbox.token_address is 'Mint of the token, of positions, signals and prices.';
comment on column event_outbox.kind is
'What it is about: transactions, positions, orders, signals or prices.';
comment on column event_outbox.change is
'What happened to it. Transactions: booked, voided, corrected (voided, with another in its place). Positions: opened,
changed, closed. Signals: created. Prices: observed.';
comment on column event_outbox.subject_id is 'The transaction, position or order; NULL for signals and prices.';
comment on column event_outbox.signal_id is 'The signal; NULL for the others.';
comment on column event_outbox.created_at is 'When its transaction began.';

create table events (
    sequence bigint constraint events_pkey primary key,
    user_id uuid,
    agent_id uuid,
    wallet_address varchar(44),
    token_address varchar(255),
    kind text not null,
    change text not null,
    subject_id uuid,
    signal_id int,
    created_at timestamptz not null
);

create index events_user_id_sequence_idx on events (user_id, sequence);

comment on table events is
'What happened, in the order in which clients are told: rows appear in the order of their numbers, and never late.';
comment on column events.sequence is 'The number that a client resumes after: one after the other, without gaps.';
comment on column events.user_id is 'Who is told; NULL for everyone whom it concerns.';
comment on column events.agent_id is 'The agent; NULL for signals and prices.';
comment on column events.wallet_address is 'The wallet; NULL for signals, prices, and facts that move nothing.';
comment on column events.token_address is 'Mint of the token, of positions, signals and prices; NULL for the others.';
comment on column events.kind is 'What it is about: transactions, positions, orders, signals or prices.';
comment on column events.change is
'What happened to it. Transactions: booked, voided, corrected (voided, with another in its place). Positions: opened,
changed, closed. Signals: created. Prices: observed.';
comment on column events.subject_id is 'The transaction, position or order; NULL for signals and prices.';
comment on column events.signal_id is 'The signal; NULL for the others.';
comment on column events.created_at is 'When the transaction began that wrote it.';

create table event_numbering (
    only_row boolean constraint event_numbering_pkey primary key default true,
    last_sequence bigint not null default 0,
    pruned_sequence bigint not null default 0,
    constraint event_numbering_has_one_row check (only_row),
    constraint event_numbering_pruned_is_at_most_last check (
        pruned_sequence >= 0 and pruned_sequence <= last_sequence
    )
);

insert into event_numbering default values;

comment on table event_numbering is
'How far events are numbered: one row. Who numbers holds its lock, so that it is one at a time.';
comment on column event_numbering.only_row is 'Always true: there is one row.';
comment on column event_numbering.last_sequence is 'The newest number given; 0 before the first.';
comment on column event_numbering.pruned_sequence is
'Events up to this one are gone; 0 where none are. Nobody can resume after an earlier one.';

alter table settings
add column event_retention interval default interval '7 days',
add constraint settings_event_retention_is_an_hour_to_a_century check (
    event_retention between interval '1 hour' and interval '100 years'
);

comment on column settings.event_retention is
'Events older than this are removed by jobs.prune_events; NULL keeps all of them.';
