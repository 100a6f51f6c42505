-- Ends a session of the caller: its tokens are good no more.
create function book.log_out(session uuid)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    delete from public.sessions as s
    where s.id = session and book.may_act_for(s.user_id);
end
$$;

comment on function book.log_out(uuid) is 'Ends a session of the service''s user of this transaction.';
