-- Makes a session, or gives it new tokens: an access token for 15 minutes, a refresh token for a day or 30.
create function book.store_session(
    session uuid, account uuid, remember_me boolean, access_hash bytea, refresh_hash bytea, at timestamptz
)
returns api.session_tokens
language plpgsql
volatile
as $$
declare
    access_expires_at constant timestamptz := at + interval '15 minutes';
    refresh_expires_at constant timestamptz
        := at + case when remember_me then interval '720 hours' else interval '24 hours' end;
begin
    insert into public.sessions as s (
        id, user_id, remember_me, created_at, access_hash, access_expires_at, refresh_hash, refresh_expires_at
    )
    values (
        session, account, remember_me, at, access_hash, access_expires_at, refresh_hash, refresh_expires_at
    )
    on conflict (id) do update set
        access_hash = excluded.access_hash,
        access_expires_at = excluded.access_expires_at,
        refresh_hash = excluded.refresh_hash,
        refresh_expires_at = excluded.refresh_expires_at
    where s.user_id = account;
    return row(
        null, null, 'Bearer', book.plain_time(access_expires_at), book.plain_time(refresh_expires_at)
    )::api.session_tokens;
end
$$;

comment on function book.store_session(uuid, uuid, boolean, bytea, bytea, timestamptz) is
'Makes a session of an account, or gives it new tokens; what its answer is, but for
the tokens themselves.';
