-- The balances of an agent as they were at an instant, as the HTTP service shows them: report.balances_as_of.
--
-- asked: parameters that book.read_parameters has read.
create function api.balances_at(asked jsonb)
returns setof api.balances
language plpgsql
stable
as $$
begin
    return query
    select
        b.id,
        b.agent_id,
        b.wallet_address,
        b.token_address,
        b.token_symbol,
        book.plain_number(a.balance),
        book.plain_time((asked ->> 'at')::timestamptz)
    from report.balances_as_of((asked ->> 'agentId')::uuid, (asked ->> 'at')::timestamptz) as a
    -- The facts of that instant are facts now, so their tokens have a balance now.
    inner join public.agent_balances as b
        on b.wallet_address = a.wallet_address and b.token_address = a.token_address;
end
$$;

comment on function api.balances_at(jsonb) is
'The balances of an agent as they were at an instant, each last updated at that instant, for a list of api.lists.';
