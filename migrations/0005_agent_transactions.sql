-- The facts. Everything else about money is derived from this table and can be made again from it.

create type "TransactionType" as enum ('DEPOSIT', 'WITHDRAWAL', 'SWAP', 'BURN');
comment on type "TransactionType" is
'DEPOSIT and WITHDRAWAL move a token in or out, SWAP exchanges two, BURN destroys one.';

create table agent_transactions (
    id uuid constraint agent_transactions_pkey primary key default gen_random_uuid(),
    agent_id uuid not null,
    wallet_address varchar(44),
    transaction_type "TransactionType" not null,
    transaction_value_usd numeric(20, 8) not null,
    transaction_time timestamptz not null,
    destination_address varchar(255),
    signal_id int,
    fees numeric(20, 8),
    routes jsonb,
    input_mint varchar(255),
    input_symbol varchar(20),
    input_amount numeric(38, 18),
    input_price numeric(38, 18),
    output_mint varchar(255),
    output_symbol varchar(20),
    output_amount numeric(38, 18),
    output_price numeric(38, 18),
    slippage numeric(10, 4),
    price_impact numeric(10, 4),
    is_dca boolean not null default false,
    transaction_hash varchar(255),
    swap_payload jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    user_id uuid not null,
    ledger_order bigint not null generated always as identity,
    leg smallint not null default 1,
    fees_sol numeric(38, 18) not null,
    fees_usd numeric(38, 18) not null,
    value_sol numeric(38, 18) not null,
    value_usd numeric(38, 18) not null,
    value_is_unknown boolean not null default false,
    sol_usd_price numeric(38, 18),
    sol_usd_price_source varchar(100),
    sol_usd_price_age interval,
    close_reason varchar(20),
    origin varchar(20) not null default 'direct',
    constraint agent_transactions_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint agent_transactions_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    constraint agent_transactions_signal_id_fkey foreign key (signal_id) references trading_signals (id),
    constraint agent_transactions_input_mint_is_a_mint check (
        input_mint is not null and input_mint ~ '^[!-~]+$'
    ),
    constraint agent_transactions_input_amount_is_positive check (
        input_amount is not null and input_amount > 0 and input_amount < 'NaN'
    ),
    constraint agent_transactions_output_mint_is_a_mint_of_a_swap check (
        case transaction_type
            when 'SWAP' then output_mint is not null and output_mint ~ '^[!-~]+$'
            else output_mint is null
        end
    ),
    constraint agent_transactions_output_amount_is_positive_in_a_swap check (
        case transaction_type
            when 'SWAP' then output_amount is not null and output_amount > 0 and output_amount < 'NaN'
            else output_amount is null
        end
    ),
    constraint agent_transactions_output_mint_is_not_the_input_mint check (output_mint <> input_mint),
    constraint agent_transactions_input_symbol_is_printable check (input_symbol !~ '[[:cntrl:]]'),
    constraint agent_transactions_output_symbol_is_printable check (output_symbol !~ '[[:cntrl:]]'),
    constraint agent_transactions_input_price_is_not_negative check (input_price >= 0 and input_price < 'NaN'),
    constraint agent_transactions_output_price_is_not_negative check (output_price >= 0 and output_price < 'NaN'),
    constraint agent_transactions_fees_sol_is_not_negative check (fees_sol >= 0 and fees_sol < 'NaN'),
    constraint agent_transactions_fees_usd_is_not_negative check (fees_usd >= 0 and fees_usd < 'NaN'),
    constraint agent_transactions_fees_is_fees_sol_rounded check (coalesce(fees, 0) = round(fees_sol, 8)),
    constraint agent_transactions_value_sol_is_not_negative check (value_sol >= 0 and value_sol < 'NaN'),
    constraint agent_transactions_value_sol_is_the_sol_leg check (
        case
            when input_mint = 'So11111111111111111111111111111111111111112' then value_sol = input_amount
            when output_mint = 'So11111111111111111111111111111111111111112' then value_sol = output_amount
            else true
        end
    ),
    constraint agent_transactions_value_is_unknown_only_in_a_withdrawal check (
        not value_is_unknown or transaction_type = 'WITHDRAWAL'
    ),
    constraint agent_transactions_value_usd_is_not_negative check (value_usd >= 0 and value_usd < 'NaN'),
    constraint agent_transactions_transaction_value_usd_is_value_usd_rounded check (
        transaction_value_usd = round(value_usd, 8)
    ),
    constraint agent_transactions_sol_usd_price_has_its_source_and_age check (
        num_nulls(sol_usd_price, sol_usd_price_source, sol_usd_price_age) in (0, 3)
        and sol_usd_price > 0 and sol_usd_price < 'NaN' and sol_usd_price_age >= interval '0'
    ),
    constraint agent_transactions_sol_usd_price_source_is_not_blank check (
        sol_usd_price_source ~ '[^[:space:]]' and sol_usd_price_source !~ '[[:cntrl:]]'
    ),
    constraint agent_transactions_slippage_is_a_number check (slippage < 'NaN'),
    constraint agent_transactions_price_impact_is_a_number check (price_impact < 'NaN'),
    constraint agent_transactions_transaction_time_is_finite check (isfinite(transaction_time)),
    constraint agent_transactions_destination_address_is_of_a_withdrawal check (
        destination_address is null
        or (transaction_type = 'WITHDRAWAL' and destination_address ~ '^[!-~]+$')
    ),
    constraint agent_transactions_transaction_hash_is_printable check (
        transaction_hash ~ '^[!-~]+$'
    ),
    constraint agent_transactions_leg_is_positive check (leg > 0),
    constraint agent_transactions_close_reason_is_printable check (
        close_reason ~ '[^[:space:]]' and close_reason !~ '[[:cntrl:]]'
    ),
    constraint agent_transactions_origin_is_known check (
        origin in ('direct', 'api', 'import', 'import_shortfall', 'simulation')
    )
);

-- One leg of one on-chain transaction is one row of an agent's wallet. Rows without a hash are told apart by id alone.
create unique index agent_transactions_hash_and_leg_key on agent_transactions (
    agent_id, wallet_address, transaction_hash, transaction_type, input_mint, output_mint, leg
) nulls not distinct where transaction_hash is not null;

-- The history of one token in one wallet, in the order of the book: what was given, and what was received.
-- They serve (agent_id, wallet_address) and (wallet_address) as well.
create index agent_transactions_input_history_idx on agent_transactions (
    agent_id, wallet_address, input_mint, transaction_time, ledger_order
);
create index agent_transactions_output_history_idx on agent_transactions (
    wallet_address, output_mint, transaction_time, ledger_order
);
create index agent_transactions_transaction_type_idx on agent_transactions (transaction_type);
create index agent_transactions_transaction_time_idx on agent_transactions (transaction_time);
create index agent_transactions_signal_id_idx on agent_transactions (signal_id);
-- (agent_id, transaction_time), with what makes a page of it stable.
create index agent_transactions_agent_id_time_idx on agent_transactions (agent_id, transaction_time, ledger_order);
create index agent_transactions_agent_id_type_idx on agent_transactions (agent_id, transaction_type, transaction_time);

-- Serves the look-up by agent too.
-- Made after the other indexes: on a table without statistics the planner takes the last of those that seem equal, and
-- this one finds one row.
alter table agent_transactions add constraint agent_transactions_agent_id_id_key unique (agent_id, id);

comment on table agent_transactions is
'All facts about money: deposits, withdrawals, swaps, burns. An insert here moves balances, positions and historical
swaps in the same database transaction. Amounts are whole tokens, exact to 18 decimals.';
comment on column agent_transactions.id is 'Unique identifier; best chosen by the client, so that a retry is one row.';
comment on column agent_transactions.agent_id is 'The agent.';
comment on column agent_transactions.wallet_address is 'The agent''s wallet; NULL is a record that moves nothing.';
comment on column agent_transactions.transaction_type is 'DEPOSIT, WITHDRAWAL, SWAP or BURN.';
comment on column agent_transactions.transaction_value_usd is 'value_usd rounded to 8 decimals.';
comment on column agent_transactions.transaction_time is 'When it was executed. The book orders by it.';
comment on column agent_transactions.destination_address is 'Where a WITHDRAWAL went.';
comment on column agent_transactions.signal_id is 'The signal that triggered it.';
comment on column agent_transactions.fees is 'fees_sol rounded to 8 decimals; NULL where none was told.';
comment on column agent_transactions.routes is 'Route of the swap, as the aggregator told it.';
comment on column agent_transactions.input_mint is
'Mint that was given in a SWAP, withdrawn, burned, or that arrived with a DEPOSIT.';
comment on column agent_transactions.input_symbol is 'Symbol of input_mint.';
comment on column agent_transactions.input_amount is 'Whole tokens of input_mint, above 0.';
comment on column agent_transactions.input_price is 'Price of the input token as the source of the row told it.';
comment on column agent_transactions.output_mint is 'Mint that a SWAP received; NULL for the other types.';
comment on column agent_transactions.output_symbol is 'Symbol of output_mint.';
comment on column agent_transactions.output_amount is 'Whole tokens of output_mint, above 0.';
comment on column agent_transactions.output_price is 'Price of the output token as the source of the row told it.';
comment on column agent_transactions.slippage is 'Slippage that was met, percent.';
comment on column agent_transactions.price_impact is 'Price impact as the aggregator told it.';
comment on column agent_transactions.is_dca is
'Whether it is a buy into a position that already had its first buy. Derived by the book.';
comment on column agent_transactions.transaction_hash is 'On-chain signature.';
comment on column agent_transactions.swap_payload is 'The aggregator''s whole answer.';
comment on column agent_transactions.created_at is 'When the row arrived: the server''s clock, whatever was given.';
comment on column agent_transactions.updated_at is 'When the row was last changed.';
comment on column agent_transactions.user_id is 'The agent''s user, filled by the book.';
comment on column agent_transactions.ledger_order is 'Number drawn on arrival: breaks ties of transaction_time.';
comment on column agent_transactions.leg is
'Numbers equal legs (same type and mints) within one on-chain transaction, from 1.';
comment on column agent_transactions.fees_sol is 'Fees in SOL, exact; they leave the SOL balance with every type.';
comment on column agent_transactions.fees_usd is 'Fees in USD at the transaction''s time.';
comment on column agent_transactions.value_sol is 'Value in SOL before fees: the SOL leg where there is one.';
comment on column agent_transactions.value_usd is 'Value in USD before fees.';
comment on column agent_transactions.value_is_unknown is
'True for a WITHDRAWAL that nothing could value: its missing values are stored as 0 and enter no cost and no gain.';
comment on column agent_transactions.sol_usd_price is 'The SOL/USD price that was used; NULL where none was needed.';
comment on column agent_transactions.sol_usd_price_source is 'Source of that price (token_prices.source).';
comment on column agent_transactions.sol_usd_price_age is 'How old that price was at transaction_time.';
comment on column agent_transactions.close_reason is
'Why it was sold: stop_loss, take_profit, stale_trade, manual, ...';
comment on column agent_transactions.origin is
'How the row came: direct (plain SQL), api, import, import_shortfall (a deposit that an import made to cover what its
file does not explain), simulation.';
