-- What the book derives from agent_transactions. Nobody else writes here.

create table agent_balances (
    id uuid constraint agent_balances_pkey primary key default gen_random_uuid(),
    agent_id uuid not null,
    wallet_address varchar(44) not null,
    token_address varchar(255) not null,
    token_symbol varchar(20) not null,
    balance text not null,
    last_updated timestamptz not null,
    user_id uuid not null,
    last_transaction_time timestamptz not null,
    last_ledger_order bigint not null,
    constraint agent_balances_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint agent_balances_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    -- Serves the look-up by wallet_address too.
    constraint agent_balances_wallet_address_token_address_key unique (wallet_address, token_address),
    constraint agent_balances_balance_is_a_plain_number_not_below_zero check (
        balance ~ '^(0|[1-9][0-9]*)(\.[0-9]{0,17}[1-9])?$'
    )
)
with (fillfactor = 70);

-- Serves agent_id alone too.
create index agent_balances_agent_id_wallet_address_idx on agent_balances (agent_id, wallet_address);
create index agent_balances_token_address_idx on agent_balances (token_address);

-- Made after the other indexes: on a table without statistics the planner takes the last of those that seem equal, and
-- this one finds one row.
alter table agent_balances add constraint agent_balances_agent_id_id_key unique (agent_id, id);

comment on table agent_balances is 'What each wallet holds of each token that it ever touched: the sum of its facts.';
comment on column agent_balances.id is 'Unique identifier.';
comment on column agent_balances.agent_id is 'The agent.';
comment on column agent_balances.wallet_address is 'The wallet.';
comment on column agent_balances.token_address is 'Mint of the token.';
comment on column agent_balances.token_symbol is 'Symbol of the token, as last told.';
comment on column agent_balances.balance is
'Whole tokens as text: exact, never below zero, no exponent, no trailing zeros. Cast it to numeric to calculate.';
comment on column agent_balances.last_updated is 'When the book last moved it.';
comment on column agent_balances.user_id is 'The agent''s user.';
comment on column agent_balances.last_transaction_time is 'Up to here (with last_ledger_order) the facts are folded.';
comment on column agent_balances.last_ledger_order is 'See last_transaction_time.';

create table agent_positions (
    id uuid constraint agent_positions_pkey primary key default gen_random_uuid(),
    agent_id uuid not null,
    wallet_address varchar(44) not null,
    token_address varchar(255) not null,
    token_symbol varchar(20) not null,
    purchase_transaction_id uuid not null,
    purchase_price numeric(38, 18) not null,
    purchase_amount numeric(38, 18) not null,
    current_stop_loss_percentage numeric(5, 2),
    peak_price numeric(38, 18),
    lowest_price numeric(38, 18),
    last_stop_loss_update timestamptz,
    dca_count int not null default 0,
    dca_transaction_ids uuid[] not null default '{}',
    last_dca_time timestamptz,
    total_invested_sol numeric(20, 8) not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    user_id uuid not null,
    signal_id int,
    remaining_amount numeric(38, 18) not null,
    invested_sol numeric(38, 18) not null,
    invested_usd numeric(38, 18) not null,
    cost_basis_sol numeric(38, 18) not null,
    cost_basis_usd numeric(38, 18) not null,
    realized_profit_sol numeric(38, 18) not null default 0,
    realized_profit_usd numeric(38, 18) not null default 0,
    buy_count int not null,
    last_sale_transaction_id uuid,
    managed boolean not null,
    is_dust boolean not null default false,
    constraint agent_positions_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint agent_positions_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    constraint agent_positions_purchase_transaction_id_fkey foreign key (purchase_transaction_id)
    references agent_transactions (id) on delete cascade,
    -- Serves agent_id and (agent_id, wallet_address) too.
    constraint agent_positions_agent_id_wallet_address_token_address_key
    unique (agent_id, wallet_address, token_address),
    constraint agent_positions_purchase_transaction_id_key unique (purchase_transaction_id),
    constraint agent_positions_signal_id_fkey foreign key (signal_id) references trading_signals (id),
    constraint agent_positions_id_is_its_purchase_transaction_id check (id = purchase_transaction_id),
    constraint agent_positions_sol_is_no_position check (
        token_address <> 'So11111111111111111111111111111111111111112'
    ),
    constraint agent_positions_remaining_amount_is_positive check (remaining_amount > 0 and remaining_amount < 'NaN'),
    constraint agent_positions_purchase_amount_covers_remaining_amount check (
        purchase_amount >= remaining_amount and purchase_amount < 'NaN'
    ),
    constraint agent_positions_purchase_price_is_not_negative check (purchase_price >= 0 and purchase_price < 'NaN'),
    constraint agent_positions_cost_basis_sol_is_not_negative check (cost_basis_sol >= 0 and cost_basis_sol < 'NaN'),
    constraint agent_positions_cost_basis_usd_is_not_negative check (cost_basis_usd >= 0 and cost_basis_usd < 'NaN'),
    constraint agent_positions_invested_sol_covers_cost_basis_sol check (
        invested_sol >= cost_basis_sol and invested_sol < 'NaN'
    ),
    constraint agent_positions_invested_usd_covers_cost_basis_usd check (
        invested_usd >= cost_basis_usd and invested_usd < 'NaN'
    ),
    constraint agent_positions_total_invested_sol_is_invested_sol_rounded check (
        total_invested_sol = round(invested_sol, 8)
    ),
    constraint agent_positions_realized_profit_is_a_number check (
        realized_profit_sol < 'NaN' and realized_profit_usd < 'NaN'
    ),
    constraint agent_positions_dca_count_counts_dca_transaction_ids check (
        dca_count = cardinality(dca_transaction_ids) and array_position(dca_transaction_ids, null) is null
    ),
    constraint agent_positions_buy_count_is_not_negative check (buy_count >= 0),
    constraint agent_positions_dca_count_is_buys_after_the_first check (dca_count = greatest(buy_count - 1, 0)),
    constraint agent_positions_last_dca_time_comes_with_dca check ((last_dca_time is null) = (dca_count = 0)),
    constraint agent_positions_last_dca_time_is_not_before_opening check (last_dca_time >= created_at),
    constraint agent_positions_current_stop_loss_percentage_is_minus_100_up check (
        current_stop_loss_percentage >= -100 and current_stop_loss_percentage < 'NaN'
    ),
    constraint agent_positions_peak_price_is_positive check (peak_price > 0 and peak_price < 'NaN'),
    constraint agent_positions_lowest_price_is_positive check (lowest_price > 0 and lowest_price < 'NaN'),
    constraint agent_positions_lowest_price_is_not_above_peak_price check (lowest_price <= peak_price)
)
with (fillfactor = 70);

create index agent_positions_signal_id_idx on agent_positions (signal_id);
create index agent_positions_token_address_idx on agent_positions (token_address);

alter table agent_positions add constraint agent_positions_agent_id_id_key unique (agent_id, id);

comment on table agent_positions is
'What a wallet holds of each token but SOL, with its cost: open positions, and dust (is_dust) of closed ones.';
comment on column agent_positions.id is 'Equal to purchase_transaction_id.';
comment on column agent_positions.agent_id is 'The agent.';
comment on column agent_positions.wallet_address is 'The wallet.';
comment on column agent_positions.token_address is 'Mint of the token.';
comment on column agent_positions.token_symbol is 'Symbol of the token, as last told.';
comment on column agent_positions.purchase_transaction_id is 'The transaction that opened it: a buy or a DEPOSIT.';
comment on column agent_positions.purchase_price is
'Average cost, SOL per token held: cost_basis_sol / remaining_amount. For reading: held at the column''s limit.';
comment on column agent_positions.purchase_amount is 'Tokens acquired since it opened, crumbs taken over included.';
comment on column agent_positions.current_stop_loss_percentage is 'Active stop, percent of purchase_price.';
comment on column agent_positions.peak_price is 'Highest price seen, SOL per token.';
comment on column agent_positions.lowest_price is 'Lowest price seen, SOL per token.';
comment on column agent_positions.last_stop_loss_update is 'When the stop was last evaluated.';
comment on column agent_positions.dca_count is 'Buys after its first buy.';
comment on column agent_positions.dca_transaction_ids is 'Those buys, in order of time.';
comment on column agent_positions.last_dca_time is 'When the last of them was.';
comment on column agent_positions.total_invested_sol is 'invested_sol rounded to 8 decimals.';
comment on column agent_positions.created_at is 'When it opened: the opening transaction''s time.';
comment on column agent_positions.updated_at is 'When the row was last changed.';
comment on column agent_positions.user_id is 'The agent''s user.';
comment on column agent_positions.signal_id is 'The opening transaction''s signal.';
comment on column agent_positions.remaining_amount is 'Tokens held now.';
comment on column agent_positions.invested_sol is 'SOL cost put in since it opened, fees included.';
comment on column agent_positions.invested_usd is 'The same in USD at each transaction''s time.';
comment on column agent_positions.cost_basis_sol is 'SOL cost of what is still held.';
comment on column agent_positions.cost_basis_usd is 'USD cost of what is still held.';
comment on column agent_positions.realized_profit_sol is 'Gain of its sales and burns so far, SOL.';
comment on column agent_positions.realized_profit_usd is 'Gain of its sales and burns so far, USD.';
comment on column agent_positions.buy_count is 'Buys since it opened, the first included; a DEPOSIT is no buy.';
comment on column agent_positions.last_sale_transaction_id is 'Its latest sale or burn; NULL before the first.';
comment on column agent_positions.managed is
'Opened by a buy and not a quote token: counts towards limits and is touched by the rules.';
comment on column agent_positions.is_dust is
'What remains is crumbs: the position counts as closed, and the next buy or DEPOSIT opens a new one that takes them.';

create table agent_historical_swaps (
    id uuid constraint agent_historical_swaps_pkey primary key default gen_random_uuid(),
    agent_id uuid not null,
    wallet_address varchar(44),
    token_address varchar(255) not null,
    token_symbol varchar(20) not null,
    amount numeric(38, 18) not null,
    purchase_price numeric(38, 18) not null,
    sale_price numeric(38, 18) not null,
    change_percent numeric(10, 4) not null,
    profit_loss_usd numeric(20, 8) not null,
    profit_loss_sol numeric(20, 8) not null,
    purchase_time timestamptz not null,
    sale_time timestamptz not null,
    purchase_transaction_id uuid,
    sale_transaction_id uuid,
    signal_id int,
    close_reason varchar(20),
    created_at timestamptz not null default now(),
    user_id uuid not null,
    position_id uuid not null,
    cost_basis_sol numeric(38, 18) not null,
    cost_basis_usd numeric(38, 18) not null,
    proceeds_sol numeric(38, 18) not null,
    proceeds_usd numeric(38, 18) not null,
    closes_position boolean not null default false,
    position_invested_sol numeric(38, 18),
    position_invested_usd numeric(38, 18),
    position_profit_sol numeric(38, 18),
    position_profit_usd numeric(38, 18),
    constraint agent_historical_swaps_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint agent_historical_swaps_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    constraint agent_historical_swaps_purchase_transaction_id_fkey foreign key (purchase_transaction_id)
    references agent_transactions (id) on delete cascade,
    constraint agent_historical_swaps_sale_transaction_id_fkey foreign key (sale_transaction_id)
    references agent_transactions (id) on delete cascade,
    constraint agent_historical_swaps_signal_id_fkey foreign key (signal_id) references trading_signals (id),
    constraint agent_historical_swaps_id_is_its_sale_transaction_id check (
        id is not distinct from sale_transaction_id
    ),
    constraint agent_historical_swaps_position_id_is_its_purchase check (
        position_id is not distinct from purchase_transaction_id
    ),
    constraint agent_historical_swaps_sol_is_not_sold check (
        token_address <> 'So11111111111111111111111111111111111111112'
    ),
    constraint agent_historical_swaps_amount_is_positive check (amount > 0 and amount < 'NaN'),
    constraint agent_historical_swaps_purchase_price_is_not_negative check (
        purchase_price >= 0 and purchase_price < 'NaN'
    ),
    constraint agent_historical_swaps_sale_price_is_not_negative check (sale_price >= 0 and sale_price < 'NaN'),
    constraint agent_historical_swaps_cost_basis_is_not_negative check (
        cost_basis_sol >= 0 and cost_basis_sol < 'NaN' and cost_basis_usd >= 0 and cost_basis_usd < 'NaN'
    ),
    constraint agent_historical_swaps_proceeds_are_numbers check (proceeds_sol < 'NaN' and proceeds_usd < 'NaN'),
    constraint agent_historical_swaps_change_percent_is_a_number check (change_percent < 'NaN'),
    constraint agent_historical_swaps_profit_loss_sol_is_its_gain_rounded check (
        profit_loss_sol = round(proceeds_sol - cost_basis_sol, 8)
    ),
    constraint agent_historical_swaps_profit_loss_usd_is_its_gain_rounded check (
        profit_loss_usd = round(proceeds_usd - cost_basis_usd, 8)
    ),
    constraint agent_historical_swaps_sale_is_not_before_purchase check (sale_time >= purchase_time),
    constraint agent_historical_swaps_closing_one_carries_its_position check (
        num_nonnulls(position_invested_sol, position_invested_usd, position_profit_sol, position_profit_usd)
        = case when closes_position then 4 else 0 end
    ),
    constraint agent_historical_swaps_position_sums_are_numbers check (
        position_invested_sol < 'NaN' and position_invested_usd < 'NaN'
        and position_profit_sol < 'NaN' and position_profit_usd < 'NaN'
    )
);

-- The history of one token in one wallet; serves (agent_id, wallet_address).
create index agent_historical_swaps_history_idx on agent_historical_swaps (
    agent_id, wallet_address, token_address, sale_time
);
create index agent_historical_swaps_wallet_address_idx on agent_historical_swaps (wallet_address);
create index agent_historical_swaps_token_address_idx on agent_historical_swaps (token_address);
create index agent_historical_swaps_signal_id_idx on agent_historical_swaps (signal_id);
create index agent_historical_swaps_purchase_transaction_id_idx on agent_historical_swaps (purchase_transaction_id);
create index agent_historical_swaps_sale_transaction_id_idx on agent_historical_swaps (sale_transaction_id);
create index agent_historical_swaps_purchase_time_idx on agent_historical_swaps (purchase_time);
create index agent_historical_swaps_sale_time_idx on agent_historical_swaps (sale_time);
create index agent_historical_swaps_agent_id_token_address_idx on agent_historical_swaps (agent_id, token_address);
create index agent_historical_swaps_agent_id_purchase_time_idx on agent_historical_swaps (agent_id, purchase_time);
-- (agent_id, sale_time), with what makes a page of it stable; serves agent_id alone.
create index agent_historical_swaps_agent_id_sale_time_idx on agent_historical_swaps (agent_id, sale_time, id);
create index agent_historical_swaps_agent_id_created_at_idx on agent_historical_swaps (agent_id, created_at);
create index agent_historical_swaps_agent_id_signal_id_idx on agent_historical_swaps (agent_id, signal_id);

alter table agent_historical_swaps add constraint agent_historical_swaps_agent_id_id_key unique (agent_id, id);

comment on table agent_historical_swaps is
'Completed sales and burns of tokens with their gain, one row each, partial ones included.';
comment on column agent_historical_swaps.id is 'Equal to sale_transaction_id.';
comment on column agent_historical_swaps.agent_id is 'The agent.';
comment on column agent_historical_swaps.wallet_address is 'The wallet.';
comment on column agent_historical_swaps.token_address is 'Mint of the token that was sold or burned.';
comment on column agent_historical_swaps.token_symbol is 'Its symbol.';
comment on column agent_historical_swaps.amount is 'Whole tokens sold or burned.';
comment on column agent_historical_swaps.purchase_price is
'Average cost, SOL per token: cost_basis_sol / amount. For reading: held at the column''s limit.';
comment on column agent_historical_swaps.sale_price is
'SOL received per token before fees; 0 for a burn. For reading: held at the column''s limit.';
comment on column agent_historical_swaps.change_percent is
'Gain in percent of cost_basis_sol; 0 where that is 0. For reading: held at the column''s limit.';
comment on column agent_historical_swaps.profit_loss_usd is 'Gain in USD rounded to 8 decimals.';
comment on column agent_historical_swaps.profit_loss_sol is 'Gain in SOL rounded to 8 decimals.';
comment on column agent_historical_swaps.purchase_time is 'When the position opened.';
comment on column agent_historical_swaps.sale_time is 'When it was sold or burned.';
comment on column agent_historical_swaps.purchase_transaction_id is 'The transaction that opened the position.';
comment on column agent_historical_swaps.sale_transaction_id is 'The sale or burn.';
comment on column agent_historical_swaps.signal_id is 'The signal of the opening transaction.';
comment on column agent_historical_swaps.close_reason is
'The sale''s reason (stop_loss, manual, ...); burn for a burn.';
comment on column agent_historical_swaps.created_at is 'When the row was made.';
comment on column agent_historical_swaps.user_id is 'The agent''s user.';
comment on column agent_historical_swaps.position_id is 'The position that it reduced or closed.';
comment on column agent_historical_swaps.cost_basis_sol is 'SOL cost that it released.';
comment on column agent_historical_swaps.cost_basis_usd is 'USD cost that it released.';
comment on column agent_historical_swaps.proceeds_sol is
'SOL received less fees; 0 for a burn. Gain = proceeds - cost.';
comment on column agent_historical_swaps.proceeds_usd is 'The same in USD.';
comment on column agent_historical_swaps.closes_position is
'True for the last sale or burn of a position that has ended (nothing or dust is left).';
comment on column agent_historical_swaps.position_invested_sol is
'On the closing one: all SOL cost that the position took in. NULL on the others.';
comment on column agent_historical_swaps.position_invested_usd is 'The same in USD.';
comment on column agent_historical_swaps.position_profit_sol is
'On the closing one: the gain of all sales and burns of the position, SOL. NULL on the others.';
comment on column agent_historical_swaps.position_profit_usd is 'The same in USD.';

create table agent_token_withdrawals (
    id uuid constraint agent_token_withdrawals_pkey primary key,
    user_id uuid not null,
    agent_id uuid not null,
    wallet_address varchar(44) not null,
    token_address varchar(255) not null,
    position_id uuid not null,
    amount numeric(38, 18) not null,
    cost_basis_sol numeric(38, 18) not null,
    cost_basis_usd numeric(38, 18) not null,
    withdrawn_at timestamptz not null,
    created_at timestamptz not null default now(),
    constraint agent_token_withdrawals_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    constraint agent_token_withdrawals_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint agent_token_withdrawals_id_fkey foreign key (id)
    references agent_transactions (id) on delete cascade,
    constraint agent_token_withdrawals_position_id_fkey foreign key (position_id)
    references agent_transactions (id) on delete cascade,
    constraint agent_token_withdrawals_sol_has_no_cost check (
        token_address <> 'So11111111111111111111111111111111111111112'
    ),
    constraint agent_token_withdrawals_amount_is_positive check (amount > 0 and amount < 'NaN'),
    constraint agent_token_withdrawals_cost_basis_is_not_negative check (
        cost_basis_sol >= 0 and cost_basis_sol < 'NaN' and cost_basis_usd >= 0 and cost_basis_usd < 'NaN'
    )
);

create index agent_token_withdrawals_history_idx on agent_token_withdrawals (
    agent_id, wallet_address, token_address, withdrawn_at
);
create index agent_token_withdrawals_position_id_idx on agent_token_withdrawals (position_id);

alter table agent_token_withdrawals add constraint agent_token_withdrawals_agent_id_id_key unique (agent_id, id);

comment on table agent_token_withdrawals is
'The cost that each WITHDRAWAL of a token took out of its position: it made no gain, but the cost has left.';
comment on column agent_token_withdrawals.id is 'The WITHDRAWAL''s transaction id.';
comment on column agent_token_withdrawals.user_id is 'The agent''s user.';
comment on column agent_token_withdrawals.agent_id is 'The agent.';
comment on column agent_token_withdrawals.wallet_address is 'The wallet.';
comment on column agent_token_withdrawals.token_address is 'Mint of the token.';
comment on column agent_token_withdrawals.position_id is 'The position that it left.';
comment on column agent_token_withdrawals.amount is 'Whole tokens.';
comment on column agent_token_withdrawals.cost_basis_sol is 'SOL cost that left with them.';
comment on column agent_token_withdrawals.cost_basis_usd is 'USD cost that left with them.';
comment on column agent_token_withdrawals.withdrawn_at is 'The transaction''s time.';
comment on column agent_token_withdrawals.created_at is 'When the row was made.';
