-- Changes the password of the caller, who has given his old one, and ends all of his sessions; API keys stay.
--
-- A wrong one is counted as a failed login: else a stolen access token would be enough to find the password out. It is
-- an answer, not an error, since it has to be committed.
create function book.change_password(
    owner uuid,
    checked_hash text,
    is_right boolean,
    new_hash text,
    at timestamptz,
    out verdict text,
    out locked_until timestamptz
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not book.may_act_for(owner) then
        perform book.refuse('not_found', null, 'there is no such user');
    end if;
    select
        j.verdict,
        j.locked_until
    into verdict, locked_until
    from book.judge_password(owner, checked_hash, is_right, at) as j;
    if verdict = 'right' then
        update public.users as u
        set password_hash = new_hash
        where u.id = owner;
        delete from public.sessions as s
        where s.user_id = owner;
    end if;
end
$$;

comment on function book.change_password(uuid, text, boolean, text, timestamptz) is
'Changes the password of a user whose old one was checked against a hash, and ends his sessions: verdict right, wrong or
locked, and locked_until. Raises not_found (TB007).';
