-- What people call a group: a token's symbol, an agent's name, the token of a signal; else the key.
create function book.group_label(agent uuid, grouped_by text, key text)
returns text
language plpgsql
stable
as $$
begin
    return case grouped_by
        when 'agent' then (select a.name from public.agents as a where a.id = agent)
        when 'token' then coalesce(
            (
                select b.token_symbol
                from public.agent_balances as b
                where b.agent_id = agent and b.token_address = key
                order by b.last_transaction_time desc
                limit 1
            ),
            key
        )
        when 'signal' then (
            select coalesce(g.symbol, g.token_address) || ' ' || g.signal_type
            from public.trading_signals as g
            where g.id = key::int
        )
        else key
    end;
end
$$;

comment on function book.group_label(uuid, text, text) is
'What people call a group of report.breakdown: a token''s symbol, an agent''s name, a signal''s token and type; else its
key.';
