-- The role whose rights the statement came with. Inside a function that runs with its owner's rights, current_user is
-- that owner; this stays the one that called it.
create function book.caller()
returns name
language plpgsql
stable
as $$
begin
    return coalesce(nullif(current_setting('role'), 'none')::name, session_user);
end
$$;

comment on function book.caller() is
'The role whose rights the statement came with: that of set role, else the login; whatever function runs.';
