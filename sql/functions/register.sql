-- Makes an account for whoever asks, where the settings let anyone register. Nobody is logged in by it.
--
-- request: {"email", "password"}, the password blotted out: only its bcrypt hash comes here.
create function book.register(request jsonb, password_hash text)
returns json
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    account uuid;
begin
    if not (select s.registration_is_open from public.settings as s) then
        perform book.refuse('registration_closed', null, 'accounts are made by the operator');
    end if;
    perform book.check_request(request, 'register');
    account := book.add_user(book.json_text(request, 'email', 255), password_hash);
    return (
        select row_to_json(u)
        from api.users as u
        where u.id = account
    );
end
$$;

comment on function book.register(jsonb, text) is
'Makes an account from a request (email) and the bcrypt hash of its password; it as a document. For the service alone.
Raises registration_closed (TB023), taken (TB012), and what book.check_request raises.';
