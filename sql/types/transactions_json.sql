-- A transaction as a part of another document: the row of api.transactions as JSON.
create domain api.transactions_json as json;

comment on domain api.transactions_json is 'A row of api.transactions as JSON.';
