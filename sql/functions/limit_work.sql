-- Bounds the rest of the transaction, and names it for the server's log and pg_stat_activity.
create function book.limit_work(application_name text, statement_ms int, lock_ms int)
returns void
language plpgsql
volatile
as $$
begin
    perform
        set_config('application_name', application_name, true),
        set_config('statement_timeout', statement_ms::text, true),
        set_config('idle_in_transaction_session_timeout', statement_ms::text, true),
        set_config('lock_timeout', lock_ms::text, true);
end
$$;

comment on function book.limit_work(text, int, int) is
'Ends statements of this transaction, and pauses between them, after statement_ms milliseconds, and waits for a lock
after
lock_ms; application_name is what the server''s log and pg_stat_activity show.';
