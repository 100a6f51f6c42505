-- Signals. What each agent did with them is signal_executions, which needs the transactions and comes after them.

create table trading_signals (
    id serial constraint trading_signals_pkey primary key,
    token_address varchar(255) not null,
    symbol varchar(50),
    signal_type varchar(50) not null,
    activation_reason text,
    signal_strength int not null,
    source varchar(100),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint trading_signals_token_address_is_a_mint check (token_address ~ '^[!-~]+$'),
    constraint trading_signals_symbol_is_printable check (symbol !~ '[[:cntrl:]]'),
    constraint trading_signals_signal_type_is_not_blank check (
        signal_type ~ '[^[:space:]]' and signal_type !~ '[[:cntrl:]]'
    ),
    constraint trading_signals_source_is_not_blank check (source ~ '[^[:space:]]' and source !~ '[[:cntrl:]]'),
    constraint trading_signals_signal_strength_is_1_to_5 check (signal_strength between 1 and 5)
);

create index trading_signals_token_address_idx on trading_signals (token_address);
create index trading_signals_signal_type_idx on trading_signals (signal_type);
create index trading_signals_created_at_idx on trading_signals (created_at);

comment on table trading_signals is 'Trading signals from external sources.';
comment on column trading_signals.id is 'Number of the signal, in order of arrival.';
comment on column trading_signals.token_address is 'Mint of the token that it is about.';
comment on column trading_signals.symbol is 'Symbol of the token; NULL where not told.';
comment on column trading_signals.signal_type is 'Kind of signal, for example buy.';
comment on column trading_signals.activation_reason is 'Why the signal was made.';
comment on column trading_signals.signal_strength is 'Strength, 1 (weak) to 5 (strong).';
comment on column trading_signals.source is 'Where it comes from.';
comment on column trading_signals.created_at is 'When it arrived.';
comment on column trading_signals.updated_at is 'When the row was last changed.';
