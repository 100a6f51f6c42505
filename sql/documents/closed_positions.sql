-- What came of closing a position by hand.
create type api.closed_positions as (
    transaction api.transactions_json,
    "order" api.trade_orders_json
);

comment on type api.closed_positions is 'What came of closing a position by hand.';
comment on column api.closed_positions.transaction is
'The sale of a simulation wallet, booked; NULL where the wallet is live.';
comment on column api.closed_positions."order" is
'The order for an executor of a live wallet; NULL where the wallet is simulated.';
