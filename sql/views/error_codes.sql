-- Every error that a client can meet, once: SQLSTATE, name, HTTP status, title. The HTTP service reads it from here.
create view report.error_codes with (security_invoker = true) as
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
    ('TB005', 'amount_not_valid', 422, 'An amount has to be a plain decimal number of at most 18 decimals'),
    ('TB006', 'transaction_in_future', 422, 'The transaction lies more than 5 minutes in the future'),
    ('TB007', 'not_found', 404, 'There is no such row for this user'),
    ('TB008', 'repeat_differs', 409, 'It is booked already, with other content'),
    ('TB009', 'field_unknown', 400, 'The request has a field that does not exist'),
    ('TB010', 'field_required', 400, 'The request lacks a field'),
    ('TB011', 'field_not_valid', 400, 'A field is not of its type'),
    ('TB012', 'taken', 409, 'The address, e-mail or id is taken'),
    ('TB013', 'fact_is_final', 409, 'A transaction is a fact: it cannot be changed or deleted by itself'),
    ('TB014', 'derived_row', 409, 'The row is derived from the facts: nobody writes it'),
    ('TB015', 'truncate_refused', 409, 'A table with rows of users is not truncated'),
    ('TB016', 'login_not_fit', 409, 'The login cannot be one that reads the rows of a user'),
    ('TB017', 'job_running', 409, 'The job is running already'),
    ('TB018', 'price_in_future', 422, 'The price lies more than 5 minutes in the future'),
    ('TB019', 'sol_price_required', 422, 'The price is in USD alone, and no SOL/USD price is known for its time'),
    ('TB020', 'job_done', 409, 'The job has been done for that instant'),
    ('TB021', 'job_lost', 409, 'The run was taken for dead'),
    ('TB022', 'choice_unknown', 400, 'The report has no such choice'),
    ('TB023', 'registration_closed', 403, 'Nobody can register here'),
    ('TB024', 'scope_not_granted', 422, 'No user can grant this scope'),
    ('TB030', 'events_gone', 410, 'The events after that one are not kept any more: start anew, without an id'),
    ('TB032', 'wallet_has_history', 409, 'The wallet has transactions, which would go with it; confirm that'),
    ('TB033', 'agent_has_history', 409, 'The agent has transactions, which would go with it; confirm that'),
    ('TB034', 'wallet_is_live', 422, 'Only a simulation wallet is reset'),
    ('TB035', 'signal_duplicate', 409, 'The same signal was made less than 60 seconds ago'),
    ('TB036', 'signal_was_acted_on', 409, 'An agent has acted on the signal: it stays as it is'),
    ('TB037', 'signal_is_for_everyone', 403, 'The signal is for everyone: only the operator changes it'),
    ('TB040', 'config_not_valid', 422, 'The trading config breaks rules'),
    ('22003', 'amount_out_of_range', 422, 'A number is larger than its column can hold'),
    ('22001', 'field_not_valid', 400, 'A text is too long for its column'),
    ('22007', 'malformed', 400, 'The request is not well-formed'),
    ('22008', 'malformed', 400, 'The request is not well-formed'),
    ('22021', 'malformed', 400, 'The request is not well-formed'),
    ('22P02', 'malformed', 400, 'The request is not well-formed'),
    ('22P05', 'malformed', 400, 'The request is not well-formed'),
    ('54000', 'amount_out_of_range', 422, 'A value is larger than its column can hold'),
    ('54001', 'malformed', 400, 'The request is nested too deeply'),
    ('23502', 'field_required', 400, 'The request lacks a field'),
    ('23503', 'not_found', 404, 'There is no such row for this user'),
    ('23505', 'taken', 409, 'The address, e-mail or id is taken'),
    ('23514', 'rule_broken', 422, 'A rule of the table refuses it'),
    ('40001', 'try_again', 503, 'Others were writing the same; try again'),
    ('40P01', 'try_again', 503, 'Others were writing the same; try again'),
    ('55P03', 'try_again', 503, 'Others were writing the same; try again'),
    ('57014', 'too_slow', 503, 'It took too long and was given up'),
    ('53300', 'unavailable', 503, 'The database is not available'),
    ('57P01', 'unavailable', 503, 'The database is not available'),
    ('57P02', 'unavailable', 503, 'The database is not available'),
    ('57P03', 'unavailable', 503, 'The database is not available'),
    -- What the service refuses before PostgreSQL sees it.
    ('not_authenticated', 'not_authenticated', 401, 'A valid access token or API key is needed'),
    ('login_failed', 'login_failed', 401, 'The e-mail address or the password is wrong'),
    ('scope_missing', 'scope_missing', 403, 'What the request is made with may not do this'),
    ('password_wrong', 'password_wrong', 422, 'The current password is wrong'),
    ('password_not_valid', 'password_not_valid', 422, 'The password does not have what a password needs'),
    ('account_locked', 'account_locked', 423, 'Too many wrong passwords: the account is locked for a while'),
    ('too_many_requests', 'too_many_requests', 429, 'There were too many requests of this kind'),
    ('method_not_allowed', 'method_not_allowed', 405, 'The resource has no such method'),
    ('request_entity_too_large', 'request_entity_too_large', 413, 'The body is larger than the resource takes'),
    ('uri_too_long', 'uri_too_long', 414, 'The URL is too long'),
    ('headers_too_large', 'headers_too_large', 431, 'The headers are too large, or too many'),
    ('unsupported_media_type', 'unsupported_media_type', 415, 'The body has to be application/json'),
    ('not_ready', 'not_ready', 503, 'The database''s code is not that of this program; run tradebook migrate'),
    ('too_many_streams', 'too_many_streams', 503, 'As many streams of events are open as the process serves'),
    ('internal_error', 'internal_error', 500, 'The service has failed; its log has the request''s id')
) as e (code, name, http_status, title);

comment on view report.error_codes is
'Every error that a client can meet. Class TB is the book''s own; 23514 is a rule of a table, which its constraint''s
name says.';
comment on column report.error_codes.code is 'SQLSTATE; the name where PostgreSQL has no part in it.';
comment on column report.error_codes.name is 'Stable name; the hint of an error of class TB begins with it.';
comment on column report.error_codes.http_status is 'Status of the HTTP answer.';
comment on column report.error_codes.title is 'What it means.';
