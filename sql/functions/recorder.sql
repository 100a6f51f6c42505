-- Who is writing, for recorded_by and voided_by: what the service said for this transaction, else the login.
create function book.recorder()
returns text
language sql
stable
as $$
    select coalesce(nullif(current_setting('tradebook.actor', true), ''), 'login ' || session_user)
$$;

comment on function book.recorder() is
'Who is writing: user, key or job as setting tradebook.actor says for this transaction, else login and its name.';
