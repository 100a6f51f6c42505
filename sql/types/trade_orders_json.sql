-- An order as a part of another document: the row of api.trade_orders as JSON.
create domain api.trade_orders_json as json;

comment on domain api.trade_orders_json is 'A row of api.trade_orders as JSON.';
