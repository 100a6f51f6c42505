-- Facts that turned out wrong: they stay, marked, and count no more. Who recorded each fact and each mark.

alter table agent_transactions
add column recorded_by text not null default 'unknown',
add column voided_at timestamptz,
add column void_reason text,
add column voided_by text,
add column corrects uuid,
add constraint agent_transactions_corrects_fkey foreign key (corrects)
references agent_transactions (id) on delete cascade,
add constraint agent_transactions_recorded_by_is_printable check (
    recorded_by ~ '[^[:space:]]' and recorded_by !~ '[[:cntrl:]]'
),
add constraint agent_transactions_voided_by_is_printable check (
    voided_by ~ '[^[:space:]]' and voided_by !~ '[[:cntrl:]]'
),
add constraint agent_transactions_void_has_time_reason_and_author check (
    num_nulls(voided_at, void_reason, voided_by) in (0, 3)
),
add constraint agent_transactions_void_reason_is_1_to_500_printable_characters check (
    void_reason ~ '[^[:space:]]' and void_reason !~ '[[:cntrl:]]' and length(void_reason) <= 500
),
add constraint agent_transactions_corrects_is_another_transaction check (corrects <> id);

-- Rows from before it was kept.
alter table agent_transactions alter column recorded_by drop default;

-- Equal facts are told apart among those that count: a leg that was voided can be booked again.
drop index agent_transactions_hash_and_leg_key;
create unique index agent_transactions_hash_and_leg_key on agent_transactions (
    agent_id, wallet_address, transaction_hash, transaction_type, input_mint, output_mint, leg
) nulls not distinct where transaction_hash is not null and voided_at is null;

-- A fact is replaced by one other at the most.
create unique index agent_transactions_corrects_key on agent_transactions (corrects) where corrects is not null;

-- On a table without statistics the planner takes the last made of the indexes that seem equal: this one finds one row.
alter table agent_transactions drop constraint agent_transactions_agent_id_id_key cascade;
alter table agent_transactions add constraint agent_transactions_agent_id_id_key unique (agent_id, id);
alter table signal_executions add constraint signal_executions_transaction_id_fkey
foreign key (agent_id, transaction_id)
references agent_transactions (agent_id, id) on delete set null (transaction_id);

comment on column agent_transactions.recorded_by is
'Who brought the row: user, key or job with its id or name, or login with the role''s name.';
comment on column agent_transactions.voided_at is
'Since when it counts no more, by the server''s clock; NULL for a fact that counts.';
comment on column agent_transactions.void_reason is 'Why it was voided, 1 to 500 characters.';
comment on column agent_transactions.voided_by is 'Who voided it, as recorded_by says it.';
comment on column agent_transactions.corrects is
'The voided transaction that this one stands for, in its place in the order of the book.';

-- What a position was when it ended, so that a late row among its trades needs the rows after it alone.
alter table agent_historical_swaps
add column position_purchase_amount numeric(38, 18),
add column position_buy_count int,
add constraint agent_historical_swaps_position_counts_are_of_the_closing_one check (
    closes_position or num_nonnulls(position_purchase_amount, position_buy_count) = 0
),
add constraint agent_historical_swaps_position_purchase_amount_is_positive check (
    position_purchase_amount > 0 and position_purchase_amount < 'NaN'
),
add constraint agent_historical_swaps_position_buy_count_is_not_negative check (position_buy_count >= 0);

comment on column agent_historical_swaps.position_purchase_amount is
'On the closing one: all tokens that the position took in. NULL on the others.';
comment on column agent_historical_swaps.position_buy_count is
'On the closing one: the position''s buys, the first included. NULL on the others.';

alter table agent_token_withdrawals
add column closes_position boolean not null default false,
add column position_purchase_amount numeric(38, 18),
add column position_buy_count int,
add column position_invested_sol numeric(38, 18),
add column position_invested_usd numeric(38, 18),
add column position_profit_sol numeric(38, 18),
add column position_profit_usd numeric(38, 18),
add constraint agent_token_withdrawals_closing_one_carries_its_position check (
    num_nonnulls(
        position_purchase_amount,
        position_buy_count,
        position_invested_sol,
        position_invested_usd,
        position_profit_sol,
        position_profit_usd
    )
    = case when closes_position then 6 else 0 end
),
add constraint agent_token_withdrawals_position_purchase_amount_is_positive check (
    position_purchase_amount > 0 and position_purchase_amount < 'NaN'
),
add constraint agent_token_withdrawals_position_buy_count_is_not_negative check (position_buy_count >= 0),
add constraint agent_token_withdrawals_position_sums_are_numbers check (
    position_invested_sol < 'NaN' and position_invested_usd < 'NaN'
    and position_profit_sol < 'NaN' and position_profit_usd < 'NaN'
);

comment on column agent_token_withdrawals.closes_position is
'True where it ended its position (nothing or dust is left).';
comment on column agent_token_withdrawals.position_purchase_amount is
'On the closing one: all tokens that the position took in. NULL on the others.';
comment on column agent_token_withdrawals.position_buy_count is
'On the closing one: the position''s buys, the first included. NULL on the others.';
comment on column agent_token_withdrawals.position_invested_sol is
'On the closing one: all SOL cost that the position took in. NULL on the others.';
comment on column agent_token_withdrawals.position_invested_usd is 'The same in USD.';
comment on column agent_token_withdrawals.position_profit_sol is
'On the closing one: the gain of all sales and burns of the position, SOL. NULL on the others.';
comment on column agent_token_withdrawals.position_profit_usd is 'The same in USD.';
