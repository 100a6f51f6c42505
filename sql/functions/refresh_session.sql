-- Gives a session new tokens for its refresh token, which is used up by that.
--
-- request: {"refreshToken"}, blotted out: the token is taken apart outside, and only its hash comes here.
--
-- A token of the session that is not its newest was used before: it, or the one that came of it, is in wrong hands, and
-- nobody knows which. So the session ends; that is an answer, not an error, since it has to be committed. Of two that
-- bring the same token at once, the second one waits for the first, and is such a case.
create function book.refresh_session(
    request jsonb,
    session uuid,
    used_hash bytea,
    access_hash bytea,
    refresh_hash bytea,
    at timestamptz,
    out tokens api.session_tokens,
    out reused_by uuid
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    known record;
begin
    perform book.check_request(request, 'refresh_session');
    select
        s.user_id,
        s.remember_me,
        s.refresh_hash,
        s.refresh_expires_at
    into known
    from public.sessions as s
    where s.id = session
    for update;
    if known.refresh_hash = used_hash and known.refresh_expires_at > at then
        tokens := book.store_session(
            session, known.user_id, known.remember_me, access_hash, refresh_hash, at
        );
        return;
    end if;
    if known.refresh_hash <> used_hash then
        reused_by := known.user_id;
    end if;
    delete from public.sessions as s
    where s.id = session;
end
$$;

comment on function book.refresh_session(jsonb, uuid, bytea, bytea, bytea, timestamptz) is
'Gives a session new tokens: the answer, but for the tokens themselves; NULL where the refresh token is not good.
reused_by: whose session was ended, because a refresh token of it was used again; else NULL. For the service alone.
Raises what book.check_request raises.';
