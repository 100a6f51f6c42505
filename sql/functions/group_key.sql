-- The group that something belongs to, as text; NULL is a group too (no signal, no reason), and the only one of total.
create function book.group_key(
    grouped_by text,
    agent_id uuid,
    wallet_address text,
    token_address text,
    day date,
    signal_id int,
    signal_type text,
    source text,
    close_reason text
)
returns text
language sql
immutable
parallel safe
as $$
    select case grouped_by
        when 'agent' then agent_id::text
        when 'wallet' then wallet_address
        when 'token' then token_address
        when 'signal' then signal_id::text
        when 'signal_type' then signal_type
        when 'source' then source
        when 'close_reason' then close_reason
        when 'day' then to_char(day, 'YYYY-MM-DD')
        when 'week' then to_char(date_trunc('week', day::timestamp), 'YYYY-MM-DD')
        when 'month' then to_char(day, 'YYYY-MM')
    end
$$;

comment on function book.group_key(text, uuid, text, text, date, int, text, text, text) is
'The group that something belongs to, as text: grouped_by is one of those of report.breakdown, or total. A week is named
by its Monday.';
