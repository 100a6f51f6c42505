-- What became of one transaction of several.
create type api.batch_results as (
    item int,
    transaction api.transactions_json,
    "isReplayed" boolean,
    error text,
    detail text,
    pointer text
);

comment on type api.batch_results is 'What became of one transaction of several.';
comment on column api.batch_results.item is 'Its place among them, from 0.';
comment on column api.batch_results.transaction is 'The transaction as it is booked; NULL where it was refused.';
comment on column api.batch_results."isReplayed" is 'Whether it had been booked before.';
comment on column api.batch_results.error is 'Name of the problem''s type; NULL where it was booked.';
comment on column api.batch_results.detail is 'Why it was refused; NULL where it was booked.';
comment on column api.batch_results.pointer is
'JSON pointer to the field that is wrong; NULL where it was booked or no single one is.';
