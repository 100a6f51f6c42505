-- Every error of the book, once: SQLSTATE, name, HTTP status, title.
create view report.error_codes as
select
    e.code,
    e.name,
    e.http_status,
    e.title
from (
    values
    ('TB001', 'value_required', 422, 'The transaction states no value and no price is known for its time'),
    ('TB002', 'insufficient_balance', 422, 'The balance would go below zero'),
    ('TB003', 'insufficient_holding', 422, 'More of the token would leave than is held at that time'),
    ('TB004', 'amount_out_of_range', 422, 'A number is larger than its column can hold'),
    ('TB005', 'amount_not_valid', 422, 'An amount is no plain decimal number of at most 18 decimals'),
    ('TB006', 'transaction_in_future', 422, 'The transaction lies more than 5 minutes in the future'),
    ('TB007', 'not_found', 404, 'There is no such row for this user'),
    ('TB008', 'repeat_differs', 409, 'This id or on-chain leg is booked already, with other content'),
    ('TB009', 'field_unknown', 400, 'The request has a field that does not exist'),
    ('TB010', 'field_required', 400, 'The request lacks a field'),
    ('TB011', 'field_not_valid', 400, 'A field is not of its type'),
    ('TB012', 'taken', 409, 'The address, e-mail or id is taken')
) as e (code, name, http_status, title);

comment on view report.error_codes is
'The book''s own errors. PostgreSQL''s are beside them: 23514 is a rule of a table, its constraint''s name says which.';
comment on column report.error_codes.code is 'SQLSTATE.';
comment on column report.error_codes.name is 'Stable name, also the error''s hint.';
comment on column report.error_codes.http_status is 'Status of the HTTP answer.';
comment on column report.error_codes.title is 'What it means.';
