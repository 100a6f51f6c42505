-- What agents decide: by signals, by prices and by time; and the orders that executors of live wallets take.

-- How simulated trades differ from the price, and what the rules go by.
alter table agents
add column simulation_slippage_bps int not null default 0,
add column simulation_fee_lamports bigint not null default 0,
add column trading_rules jsonb,
add constraint agents_simulation_slippage_bps_is_0_to_5000 check (simulation_slippage_bps between 0 and 5000),
add constraint agents_simulation_fee_lamports_is_0_to_1_sol check (simulation_fee_lamports between 0 and 1000000000);

comment on column agents.simulation_slippage_bps is
'How far a simulated trade is worse than the price, hundredths of a percent.';
comment on column agents.simulation_fee_lamports is 'The fee of a simulated trade, 10^-9 SOL.';
comment on column agents.trading_rules is
'What the rules go by: trading_config over the defaults, with presets filled in; kept with trading_config. NULL where
that is NULL.';

-- The state of the rules, beside that of the stop-loss.
alter table agent_positions
add column stop_loss_price numeric(38, 18),
add column take_profit_base numeric(38, 18),
add column take_profit_levels_done int not null default 0,
add column moon_bag_amount numeric(38, 18),
add column dca_skipped_at timestamptz,
add column quiet_from numeric(38, 18),
add column quiet_to numeric(38, 18),
add column quiet_until timestamptz,
add constraint agent_positions_stop_loss_price_is_not_negative check (
    stop_loss_price >= 0 and stop_loss_price < 'NaN'
),
add constraint agent_positions_take_profit_base_is_positive check (take_profit_base > 0 and take_profit_base < 'NaN'),
add constraint agent_positions_take_profit_levels_done_is_not_negative check (take_profit_levels_done >= 0),
add constraint agent_positions_quiet_prices_are_not_negative check (
    quiet_from >= 0 and quiet_from < 'NaN' and quiet_to >= 0 and quiet_to < 'NaN'
),
add constraint agent_positions_moon_bag_amount_is_not_negative check (moon_bag_amount >= 0 and moon_bag_amount < 'NaN');

comment on column agent_positions.current_stop_loss_percentage is
'Active stop, percent of the average cost; held at 999.99. NULL until the first price, and where the stop is off.';
comment on column agent_positions.peak_price is
'Highest price seen since it opened, or since its last DCA buy, SOL per token.';
comment on column agent_positions.stop_loss_price is
'The price at or below which the stop sells, SOL per token: exact. It never falls, but with a DCA buy.';
comment on column agent_positions.take_profit_base is
'What the take-profit ladder began with, whole tokens: held when it opened, or after its last DCA buy.';
comment on column agent_positions.take_profit_levels_done is 'Levels of the ladder that were reached.';
comment on column agent_positions.moon_bag_amount is
'Tokens that take-profit does not sell; NULL until they are set aside.';
comment on column agent_positions.dca_skipped_at is
'When a DCA buy was left out for lack of SOL: the cooldown runs from here too.';

comment on column agent_positions.quiet_from is
'At or above this price, and at or below quiet_to, until quiet_until, the rules have nothing to do. SOL per token.';
comment on column agent_positions.quiet_to is 'The other end of it.';
comment on column agent_positions.quiet_until is
'Until when; NULL where the rules have not looked at the position since it, or they, last changed.';

-- What is known of a token when a signal for it is made.
alter table trading_signals
add column market_cap_usd numeric(38, 18),
add column liquidity_usd numeric(38, 18),
add column holder_count int,
add constraint trading_signals_market_cap_usd_is_not_negative check (market_cap_usd >= 0 and market_cap_usd < 'NaN'),
add constraint trading_signals_liquidity_usd_is_not_negative check (liquidity_usd >= 0 and liquidity_usd < 'NaN'),
add constraint trading_signals_holder_count_is_not_negative check (holder_count >= 0);

comment on column trading_signals.market_cap_usd is 'Market cap of the token, USD; NULL where not told.';
comment on column trading_signals.liquidity_usd is 'Liquidity of the token, USD; NULL where not told.';
comment on column trading_signals.holder_count is 'Holders of the token; NULL where not told.';

alter table settings
add column chance_seed text not null default '',
add column order_lifetime interval not null default interval '2 minutes',
add constraint settings_order_lifetime_is_10_seconds_to_a_day check (
    order_lifetime between interval '10 seconds' and interval '1 day'
);

comment on column settings.chance_seed is
'What the size of purchases follows from, beside signal and agent: the same seed, the same sizes.';
comment on column settings.order_lifetime is 'How long an order waits for an executor before it expires.';

-- What has just come in.
create index token_prices_recorded_at_idx on token_prices (recorded_at);

-- Orders for executors of live wallets.
create table trade_orders (
    id uuid constraint trade_orders_pkey primary key default gen_random_uuid(),
    user_id uuid not null,
    agent_id uuid not null,
    wallet_address varchar(44) not null,
    token_address varchar(255) not null,
    token_symbol varchar(20) not null,
    side varchar(4) not null,
    reason varchar(20) not null,
    position_id uuid,
    signal_id int,
    amount numeric(38, 18) not null,
    price_sol numeric(38, 18) not null,
    max_price_impact numeric,
    levels_done int,
    moon_bag_amount numeric(38, 18),
    status varchar(20) not null default 'pending',
    claimed_by varchar(100),
    claimed_until timestamptz,
    claim_key uuid,
    attempts int not null default 0,
    transaction_id uuid,
    transaction_hash varchar(255),
    error text,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    updated_at timestamptz not null,
    constraint trade_orders_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint trade_orders_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    constraint trade_orders_signal_id_fkey foreign key (signal_id) references trading_signals (id)
    deferrable initially deferred,
    constraint trade_orders_transaction_id_fkey foreign key (agent_id, transaction_id)
    references agent_transactions (agent_id, id) on delete set null (transaction_id),
    constraint trade_orders_side_is_buy_or_sell check (side in ('buy', 'sell')),
    constraint trade_orders_reason_is_of_its_side check (
        case side
            when 'buy' then reason in ('signal', 'manual', 'dca')
            else reason in ('stop_loss', 'take_profit', 'stale_trade', 'manual')
        end
    ),
    constraint trade_orders_amount_is_positive check (amount > 0 and amount < 'NaN'),
    constraint trade_orders_price_sol_is_positive check (price_sol > 0 and price_sol < 'NaN'),
    constraint trade_orders_max_price_impact_is_0_to_1 check (max_price_impact between 0 and 1),
    constraint trade_orders_levels_done_is_not_negative check (levels_done >= 0),
    constraint trade_orders_moon_bag_amount_is_not_negative check (moon_bag_amount >= 0 and moon_bag_amount < 'NaN'),
    constraint trade_orders_status_is_known check (status in ('pending', 'claimed', 'filled', 'failed', 'expired')),
    constraint trade_orders_claim_comes_with_its_end check (
        (claimed_by is null) = (claimed_until is null)
        and (claimed_by is not null or status not in ('claimed', 'filled'))
    ),
    constraint trade_orders_claimed_by_is_printable check (claimed_by ~ '[^[:space:]]' and claimed_by !~ '[[:cntrl:]]'),
    constraint trade_orders_error_is_not_blank check (error ~ '[^[:space:]]'),
    constraint trade_orders_error_is_of_its_end check (
        case status when 'failed' then error is not null when 'expired' then true else error is null end
    ),
    constraint trade_orders_expires_at_is_after_created_at check (expires_at > created_at and isfinite(expires_at))
);

-- One open order for each token of a wallet, so that two triggers never sell twice. (One row for each position, too:
-- a wallet has one of each token.)
create unique index trade_orders_open_key on trade_orders (wallet_address, token_address)
where status in ('pending', 'claimed');
-- What executors ask for.
create index trade_orders_open_idx on trade_orders (agent_id, created_at, id) where status in ('pending', 'claimed');
create index trade_orders_user_id_created_at_idx on trade_orders (user_id, created_at, id);
create index trade_orders_agent_id_idx on trade_orders (agent_id, wallet_address);
create index trade_orders_signal_id_idx on trade_orders (signal_id);
-- Of ways that cost the same PostgreSQL takes the newest: this before that of the wallet, the next ones before this.
alter table trade_orders add constraint trade_orders_agent_id_id_key unique (agent_id, id);
create index trade_orders_transaction_id_idx on trade_orders (transaction_id, agent_id)
where transaction_id is not null;
create index trade_orders_claim_key_idx on trade_orders (claim_key) where claim_key is not null;

comment on table trade_orders is
'Orders of agents with live wallets: an executor, which holds the wallet''s keys, claims, executes and reports them.';
comment on column trade_orders.id is 'Unique identifier.';
comment on column trade_orders.user_id is 'The agent''s user.';
comment on column trade_orders.agent_id is 'The agent.';
comment on column trade_orders.wallet_address is 'The wallet that trades.';
comment on column trade_orders.token_address is 'Mint of the token that is bought or sold for SOL.';
comment on column trade_orders.token_symbol is 'Its symbol.';
comment on column trade_orders.side is 'buy or sell.';
comment on column trade_orders.reason is
'signal, manual or dca of a buy; stop_loss, take_profit, stale_trade or manual of a sale.';
comment on column trade_orders.position_id is 'The position that it adds to or sells; NULL for one that opens.';
comment on column trade_orders.signal_id is 'The signal that it follows; NULL for the others.';
comment on column trade_orders.amount is 'What is given: SOL of a buy, whole tokens of a sale.';
comment on column trade_orders.price_sol is 'The price when it was decided, SOL per token.';
comment on column trade_orders.max_price_impact is
'How far it may move the price, as a fraction of it: purchaseLimits.maxPriceImpact of a buy; NULL is however far.';
comment on column trade_orders.levels_done is 'Of a take-profit: the levels that are done when it is filled.';
comment on column trade_orders.moon_bag_amount is 'Of a take-profit: what is set aside when it is filled.';
comment on column trade_orders.status is
'pending: waits for an executor. claimed: one is at it. filled: it is booked. failed: the executor gave it up. expired:
none took it in time, or another took its place.';
comment on column trade_orders.claimed_by is 'The executor that claimed it last.';
comment on column trade_orders.claimed_until is 'Until when nobody else can claim it.';
comment on column trade_orders.claim_key is 'The Idempotency-Key of that claim.';
comment on column trade_orders.attempts is 'How often it was claimed.';
comment on column trade_orders.transaction_id is 'The transaction that came of it; NULL before, or where that is gone.';
comment on column trade_orders.transaction_hash is 'Its signature on the chain.';
comment on column trade_orders.error is 'Why it failed or expired.';
comment on column trade_orders.created_at is 'When it was decided.';
comment on column trade_orders.expires_at is 'When it expires unless it is claimed.';
comment on column trade_orders.updated_at is 'When it was last changed.';

-- What the rules did with positions, and what they have yet to look at.
create table position_actions (
    id uuid constraint position_actions_pkey primary key default gen_random_uuid(),
    user_id uuid not null,
    agent_id uuid not null,
    wallet_address varchar(44) not null,
    token_address varchar(255) not null,
    position_id uuid not null,
    rule varchar(20),
    status varchar(20) not null,
    price_sol numeric(38, 18),
    highest_price_sol numeric(38, 18),
    lowest_price_sol numeric(38, 18),
    amount numeric(38, 18),
    transaction_id uuid,
    order_id uuid,
    reason varchar(40),
    error text,
    attempts int not null default 1,
    decided_at timestamptz not null,
    constraint position_actions_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint position_actions_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    constraint position_actions_transaction_id_fkey foreign key (agent_id, transaction_id)
    references agent_transactions (agent_id, id) on delete set null (transaction_id),
    constraint position_actions_order_id_fkey foreign key (agent_id, order_id)
    references trade_orders (agent_id, id) on delete set null (order_id),
    constraint position_actions_rule_is_known check (
        rule in ('stop_loss', 'take_profit', 'stale_trade', 'dca', 'dead_token')
    ),
    constraint position_actions_status_is_known check (
        status in ('pending', 'ordered', 'success', 'failed', 'skipped')
    ),
    constraint position_actions_pending_ones_have_no_rule_yet check ((rule is null) = (status = 'pending')),
    constraint position_actions_reason_comes_with_its_failure check (
        (reason is not null) = (status in ('failed', 'skipped'))
    ),
    constraint position_actions_prices_are_positive check (
        price_sol > 0 and price_sol < 'NaN' and highest_price_sol >= price_sol and highest_price_sol < 'NaN'
        and lowest_price_sol > 0 and lowest_price_sol <= price_sol
    ),
    constraint position_actions_amount_is_positive check (amount > 0 and amount < 'NaN'),
    constraint position_actions_attempts_is_positive check (attempts > 0)
);

-- Looks that are due. Not unique: whoever adds one must not wait for another who did.
create index position_actions_pending_idx on position_actions (wallet_address, token_address)
where status = 'pending';
-- One row for all failures of a rule at a position in simulation.
create unique index position_actions_failed_key on position_actions (position_id, rule)
where status = 'failed' and order_id is null;
create index position_actions_agent_id_decided_at_idx on position_actions (agent_id, decided_at, id);
create index position_actions_wallet_address_idx on position_actions (agent_id, wallet_address);
-- Of ways that cost the same PostgreSQL takes the newest: this before that of the wallet, the next ones before this.
alter table position_actions add constraint position_actions_agent_id_id_key unique (agent_id, id);
create index position_actions_transaction_id_idx on position_actions (transaction_id, agent_id)
where transaction_id is not null;
create index position_actions_order_id_idx on position_actions (order_id, agent_id) where order_id is not null;

comment on table position_actions is
'What the rules did with positions: stop-loss, take-profit, stale trades, DCA, dead tokens.';
comment on column position_actions.id is 'Unique identifier.';
comment on column position_actions.user_id is 'The agent''s user.';
comment on column position_actions.agent_id is 'The agent.';
comment on column position_actions.wallet_address is 'The wallet.';
comment on column position_actions.token_address is 'Mint of the token.';
comment on column position_actions.position_id is 'The position.';
comment on column position_actions.rule is
'stop_loss, take_profit, stale_trade, dca or dead_token; NULL while it is pending.';
comment on column position_actions.status is
'pending: the wallet was busy, and the position is looked at again within a second. ordered: an executor has it.
success, failed, skipped.';
comment on column position_actions.price_sol is
'The price that it was decided by, SOL per token; NULL where none is known.';
comment on column position_actions.highest_price_sol is
'Of a pending one: the highest price that it is about; NULL of the others.';
comment on column position_actions.lowest_price_sol is 'The same, the lowest.';
comment on column position_actions.amount is 'Whole tokens that were sold or burned; SOL that was spent by dca.';
comment on column position_actions.transaction_id is 'The transaction that came of it.';
comment on column position_actions.order_id is 'The order that came of it, where the wallet is live.';
comment on column position_actions.reason is 'Why it failed or was skipped: a name.';
comment on column position_actions.error is 'The same in words.';
comment on column position_actions.attempts is 'How often it was tried.';
comment on column position_actions.decided_at is
'When it was decided, the last time; of a pending one, when its price was observed.';

-- What each agent did with each signal: also what it has yet to do.
alter table signal_executions
drop constraint signal_executions_status_is_known,
add column reason varchar(40),
add column size_sol numeric(38, 18),
add column order_id uuid,
add constraint signal_executions_order_id_fkey foreign key (agent_id, order_id)
references trade_orders (agent_id, id) on delete set null (order_id),
add constraint signal_executions_status_is_known check (status in ('success', 'failed', 'skipped', 'pending')),
add constraint signal_executions_reason_is_of_a_failure check (reason is null or status in ('failed', 'skipped')),
add constraint signal_executions_size_sol_is_positive check (size_sol > 0 and size_sol < 'NaN');

create index signal_executions_order_id_idx on signal_executions (order_id, agent_id) where order_id is not null;
create index signal_executions_pending_idx on signal_executions (signal_id) where status = 'pending';

comment on column signal_executions.status is
'success; failed; skipped: a rule of the agent was against it; pending: it waits for its wallet, or for an executor.';
comment on column signal_executions.reason is
'The first rule that was against it, or the name of the error; NULL where there is neither.';
comment on column signal_executions.size_sol is 'What was to be bought for, SOL; NULL where nothing was.';
comment on column signal_executions.order_id is 'The order for an executor, where the wallet is live.';

-- Tokens that are worth nothing any more.
create table dead_tokens (
    token_address varchar(255) not null,
    user_id uuid,
    evidence text not null,
    flagged_at timestamptz not null,
    constraint dead_tokens_token_address_user_id_key unique nulls not distinct (token_address, user_id),
    constraint dead_tokens_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint dead_tokens_token_address_is_a_mint check (token_address ~ '^[!-~]+$'),
    constraint dead_tokens_sol_does_not_die check (token_address <> 'So11111111111111111111111111111111111111112'),
    constraint dead_tokens_evidence_is_not_blank check (evidence ~ '[^[:space:]]')
);

create index dead_tokens_user_id_idx on dead_tokens (user_id);

comment on table dead_tokens is
'Tokens that somebody found to be worth nothing, with the evidence: what was held of them was burned.';
comment on column dead_tokens.token_address is 'Mint of the token.';
comment on column dead_tokens.user_id is 'Whose positions it is about; NULL is the operator''s word, for everyone.';
comment on column dead_tokens.evidence is 'How it is known.';
comment on column dead_tokens.flagged_at is 'When it was said.';
