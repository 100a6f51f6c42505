-- Who is writing, for recorded_by and voided_by: what the service said for this transaction, else the login.
--
-- Anyone can set a setting, so it counts only for a role of the service, which a login has put on and which is no
-- administrator's.
create function book.recorder()
returns text
language plpgsql
stable
as $$
declare
    actor constant text := nullif(current_setting('tradebook.actor', true), '');
begin
    if actor is null or current_setting('role') = 'none' or book.is_unlimited() then
        return 'login ' || session_user;
    end if;
    return actor;
end
$$;

comment on function book.recorder() is
'Who is writing: user, key or job as the service says for this transaction (setting tradebook.actor), else login and its
name.';
