-- Finishes a login whose password was checked: counts it, and where it was right, makes a session.
--
-- A failure is an answer, not an error, since it has to be committed.
create function book.log_in(
    request jsonb,
    checked_hash text,
    is_right boolean,
    session uuid,
    access_hash bytea,
    refresh_hash bytea,
    at timestamptz,
    out verdict text,
    out locked_until timestamptz,
    out tokens api.session_tokens
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    address constant text := book.json_text(request, 'email', 255);
    account constant uuid := (select u.id from public.users as u where lower(u.email) = lower(address));
begin
    if account is null then
        select
            j.verdict,
            j.locked_until
        into verdict, locked_until
        from book.judge_unknown_email(address, at) as j;
        return;
    end if;
    select
        j.verdict,
        j.locked_until
    into verdict, locked_until
    from book.judge_password(account, checked_hash, is_right, at) as j;
    if verdict = 'right' then
        -- Here, so that nobody's sessions become more than he has made lately.
        delete from public.sessions as s
        where s.user_id = account and s.refresh_expires_at <= at;
        tokens := book.store_session(
            session, account, coalesce(book.json_boolean(request, 'rememberMe'), false), access_hash, refresh_hash, at
        );
    end if;
end
$$;

comment on function book.log_in(jsonb, text, boolean, uuid, bytea, bytea, timestamptz) is
'Finishes a login whose password was checked against a hash: verdict right, wrong or locked; locked_until; and for right
the answer, but for the tokens themselves. For the service alone.';
