-- A trade of a demo agent without its amounts. Its id follows from its name.
create function book.demo_fact(owner uuid, agent int, name text, kind text, at timestamptz)
returns public.agent_transactions
language plpgsql
stable
as $$
declare
    t public.agent_transactions;
begin
    t.id := book.id_from('demo transaction ' || agent || ' ' || name);
    t.user_id := owner;
    t.agent_id := book.id_from('demo agent ' || agent);
    t.wallet_address := 'sim_' || replace(book.id_from('demo wallet ' || agent)::text, '-', '');
    t.transaction_type := kind;
    t.transaction_time := at;
    t.origin := 'simulation';
    return t;
end
$$;

comment on function book.demo_fact(uuid, int, text, text, timestamptz) is
'A trade of a demo agent without its amounts; its id follows from agent and name.';
