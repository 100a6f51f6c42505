-- Holds the rules of all agents against their open positions, for what time alone brings (stale trades, cooldowns that
-- are over, prices that nobody looked at); does what was left because a wallet was busy; and ends orders whose time is
-- over. To be called once a minute, outside a transaction.
create procedure jobs.apply_rules(at timestamptz)
language plpgsql
as $$
begin
    call jobs.run('apply_rules', at);
end
$$;

comment on procedure jobs.apply_rules (timestamptz) is
'Holds the rules of all agents against their open positions at the latest prices, and ends orders whose time is over; to
be called outside a transaction. at: now. Raises job_running (TB017), or the first failure of its steps.';
