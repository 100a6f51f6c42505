-- Whether the caller may read and write the rows of a user; what runs with the book's rights asks this itself.
create function book.may_act_for(owner uuid)
returns boolean
language plpgsql
stable
as $$
begin
    return coalesce(owner = nullif(current_setting('tradebook.user_id', true), '')::uuid, false)
        or book.is_unlimited();
end
$$;

comment on function book.may_act_for(uuid) is
'Whether the caller may read and write the rows of that user: as the service''s user of this transaction, or unlimited.
For functions that only the service may execute, since anyone can set a setting.';
