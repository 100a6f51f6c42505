create function book.may_act_for(owner uuid)
returns boolean
language sql
stable
as $$ select true $$;
comment on function book.may_act_for(uuid) is 'stub';
