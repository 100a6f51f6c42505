-- Has all positions looked at anew when their next price comes: other code may have other rules.
create function book.stir_all_positions()
returns void
language plpgsql
volatile
-- What is derived is the book's alone.
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.agent_positions as p
    set quiet_until = null
    where p.quiet_until is not null;
end
$$;

comment on function book.stir_all_positions() is
'Has all positions looked at anew, after the code of the rules has changed.';
