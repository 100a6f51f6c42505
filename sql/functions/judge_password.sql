-- What comes of a password that was checked, and counts it: right, wrong, or locked, then until when.
--
-- checked_hash: what it was checked against; where that is no longer the account's, the password is wrong.
--
-- The fifth failure in a row locks for 15 minutes. The row is locked first, so that failures at the same time are all
-- counted. One in the time of a lock is counted too, but makes it no longer: else anyone could keep an account locked.
create function book.judge_password(
    account uuid,
    checked_hash text,
    is_right boolean,
    at timestamptz,
    out verdict text,
    out locked_until timestamptz
)
language plpgsql
volatile
as $$
declare
    known record;
    failures int;
begin
    select
        u.password_hash,
        u.failed_login_attempts,
        u.locked_until
    into known
    from public.users as u
    where u.id = account
    for no key update;
    if known.locked_until > at then
        verdict := 'locked';
        locked_until := known.locked_until;
        if not is_right then
            update public.users as u
            set failed_login_attempts = u.failed_login_attempts + 1
            where u.id = account;
        end if;
        return;
    end if;
    if is_right and known.password_hash = checked_hash then
        verdict := 'right';
        update public.users as u
        set failed_login_attempts = 0, locked_until = null
        where u.id = account and (u.failed_login_attempts <> 0 or u.locked_until is not null);
        return;
    end if;
    -- A lock that is over was set by failures that count no more.
    failures := case when known.locked_until is null then known.failed_login_attempts else 0 end + 1;
    if failures >= 5 then
        locked_until := at + interval '15 minutes';
    end if;
    verdict := case when locked_until is null then 'wrong' else 'locked' end;
    update public.users as u
    set failed_login_attempts = failures, locked_until = judge_password.locked_until
    where u.id = account;
end
$$;

comment on function book.judge_password(uuid, text, boolean, timestamptz) is
'Counts a password of an account that was checked against a hash at a time: verdict right, wrong or locked, and
locked_until, NULL unless locked.';
