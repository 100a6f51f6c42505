-- When a position ended, on the sale or burn that ended it: trades are listed by it. And sums and counts per wallet,
-- day and token, so that a summary costs the same at any size.

alter table agent_historical_swaps
add column position_closed_at timestamptz,
add column position_closed_by uuid;

-- The guard of derived tables is for people; this fills in what the book would have written.
alter table agent_historical_swaps disable trigger user;
update agent_historical_swaps as s
set
    position_closed_at = coalesce(w.withdrawn_at, s.sale_time),
    position_closed_by = coalesce(w.id, s.id)
from agent_historical_swaps as k
left join agent_token_withdrawals as w
    on w.agent_id = k.agent_id and w.position_id = k.position_id and w.closes_position
where k.id = s.id and s.closes_position;
alter table agent_historical_swaps enable trigger user;

alter table agent_historical_swaps
add constraint agent_historical_swaps_position_closed_is_of_the_closing_one check (
    num_nonnulls(position_closed_at, position_closed_by) = case when closes_position then 2 else 0 end
),
add constraint agent_historical_swaps_position_is_not_closed_before_its_sale check (position_closed_at >= sale_time);

comment on column agent_historical_swaps.position_closed_at is
'On the closing one: when the position ended, with this sale or with a later withdrawal of the rest. NULL on the
others.';
comment on column agent_historical_swaps.position_closed_by is
'On the closing one: the transaction that ended the position. NULL on the others.';

-- The trades of an agent, newest first.
create index agent_historical_swaps_trades_idx on agent_historical_swaps (agent_id, position_closed_at, id)
where closes_position;

-- The trade that a transaction ended. One at the most, as the audit sees: not a key, which would be checked in the middle
-- of a statement that gives the end of a position to another sale.
create index agent_historical_swaps_position_closed_by_idx on agent_historical_swaps (position_closed_by)
where closes_position;

-- On a table without statistics the planner takes the last made of the indexes that seem equal: this one finds one row.
alter table agent_historical_swaps drop constraint agent_historical_swaps_agent_id_id_key;
alter table agent_historical_swaps add constraint agent_historical_swaps_agent_id_id_key unique (agent_id, id);

create table wallet_totals (
    agent_id uuid not null,
    user_id uuid not null,
    wallet_address varchar(44) not null,
    token_address varchar(255),
    day date,
    transactions int not null,
    volume_sol numeric not null,
    volume_usd numeric not null,
    fees_sol numeric not null,
    fees_usd numeric not null,
    expenses_sol numeric not null,
    expenses_usd numeric not null,
    deposits_sol numeric not null,
    deposits_usd numeric not null,
    withdrawals_sol numeric not null,
    withdrawals_usd numeric not null,
    swaps int not null,
    proceeds_sol numeric not null,
    proceeds_usd numeric not null,
    cost_sol numeric not null,
    cost_usd numeric not null,
    trades_won int not null,
    trades_drawn int not null,
    trades_lost int not null,
    wins_sol numeric not null,
    losses_sol numeric not null,
    squares_sol numeric not null,
    trades_profit_usd numeric not null,
    invested_sol numeric not null,
    invested_usd numeric not null,
    trades_with_return int not null,
    returns_percent numeric not null,
    holding_seconds numeric not null,
    won_holding_seconds numeric not null,
    lost_holding_seconds numeric not null,
    -- The rows of an agent for all tokens and all days, and those of a range of days, lie beside each other.
    constraint wallet_totals_agent_id_token_address_day_wallet_address_key
    unique nulls not distinct (agent_id, token_address, day, wallet_address),
    constraint wallet_totals_agent_id_fkey foreign key (agent_id, user_id)
    references agents (id, user_id) on delete cascade,
    constraint wallet_totals_wallet_address_fkey foreign key (agent_id, wallet_address)
    references agent_wallets (agent_id, wallet_address) on delete cascade,
    constraint wallet_totals_a_token_s_row_is_of_a_day check (token_address is null or day is not null),
    -- One that is NaN or infinite makes the sum so.
    constraint wallet_totals_sums_are_numbers check (
        abs(
            volume_sol + volume_usd + fees_sol + fees_usd + expenses_sol + expenses_usd + deposits_sol
            + deposits_usd + withdrawals_sol + withdrawals_usd + proceeds_sol + proceeds_usd + cost_sol + cost_usd
            + wins_sol + losses_sol + squares_sol + trades_profit_usd + invested_sol + invested_usd
            + returns_percent + holding_seconds + won_holding_seconds + lost_holding_seconds
        ) < 'Infinity'
    )
)
with (fillfactor = 70);

-- All rows of a wallet; and those of a user that are for all tokens and days.
create index wallet_totals_wallet_address_idx on wallet_totals (agent_id, wallet_address);
create index wallet_totals_user_id_idx on wallet_totals (user_id) where token_address is null and day is null;

comment on table wallet_totals is
'Sums and counts of each wallet: a row for each day and token, one for each day (token_address NULL), and one for all
days (both NULL). Never add rows of different kinds. Kept by the book with every transaction, void and correction; the
audit holds them against the rows. Days are UTC.';
comment on column wallet_totals.agent_id is 'The agent.';
comment on column wallet_totals.user_id is 'The agent''s user.';
comment on column wallet_totals.wallet_address is 'The wallet.';
comment on column wallet_totals.token_address is
'Mint of the token that was bought, sold, burned or moved; of a token-to-token swap the one that was given. NULL is
all.';
comment on column wallet_totals.day is
'UTC day: of the transaction; for trades, of the position''s end. NULL is all.';
comment on column wallet_totals.transactions is 'Facts that count.';
comment on column wallet_totals.volume_sol is 'Value of all SWAPs, SOL.';
comment on column wallet_totals.volume_usd is 'Value of all SWAPs, USD at each one''s time.';
comment on column wallet_totals.fees_sol is 'Fees of all facts, SOL; those of SWAPs are in cost or proceeds too.';
comment on column wallet_totals.fees_usd is 'Fees of all facts, USD.';
comment on column wallet_totals.expenses_sol is
'Fees of deposits, withdrawals and burns, and SOL that was burned; in no gain.';
comment on column wallet_totals.expenses_usd is 'The same in USD.';
comment on column wallet_totals.deposits_sol is 'Value of DEPOSITs as booked, SOL.';
comment on column wallet_totals.deposits_usd is 'Value of DEPOSITs as booked, USD.';
comment on column wallet_totals.withdrawals_sol is
'Value of WITHDRAWALs as booked, SOL; 0 for one that nothing valued.';
comment on column wallet_totals.withdrawals_usd is 'Value of WITHDRAWALs as booked, USD.';
comment on column wallet_totals.swaps is 'Sales and burns of tokens, partial ones included.';
comment on column wallet_totals.proceeds_sol is 'Received for them less their fees, SOL.';
comment on column wallet_totals.proceeds_usd is 'Received for them less their fees, USD.';
comment on column wallet_totals.cost_sol is
'Average cost that they released, SOL. Realized gain is proceeds less this.';
comment on column wallet_totals.cost_usd is 'Average cost that they released, USD.';
comment on column wallet_totals.trades_won is
'Positions that ended with a gain above 0 SOL; those with no sale are none.';
comment on column wallet_totals.trades_drawn is 'Positions that ended with a gain of 0 SOL.';
comment on column wallet_totals.trades_lost is 'Positions that ended with a gain below 0 SOL.';
comment on column wallet_totals.wins_sol is 'Sum of the gains of the won trades, SOL.';
comment on column wallet_totals.losses_sol is 'Sum of the gains of the lost trades, SOL; not above 0.';
comment on column wallet_totals.squares_sol is 'Sum of the squares of the trades'' gains, SOL squared.';
comment on column wallet_totals.trades_profit_usd is 'Sum of the trades'' gains, USD.';
comment on column wallet_totals.invested_sol is 'All cost that the trades'' positions took in, SOL.';
comment on column wallet_totals.invested_usd is 'All cost that the trades'' positions took in, USD.';
comment on column wallet_totals.trades_with_return is 'Trades that had a cost above 0 SOL.';
comment on column wallet_totals.returns_percent is
'Sum of their returns, each 100 * gain / cost, SOL, rounded at 18 decimals.';
comment on column wallet_totals.holding_seconds is 'Sum of the trades'' times from open to closed, seconds.';
comment on column wallet_totals.won_holding_seconds is 'The same of the won trades.';
comment on column wallet_totals.lost_holding_seconds is 'The same of the lost trades.';
