-- Does what was left because a wallet was busy: pending executions of signals, and positions that are to be looked at.
-- Called within a second, again and again, by whoever works for the installation. Answers how many rows it went over.
create function book.act_on_pending(at timestamptz)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    most constant int := 1000;
    signal int;
    due public.position_actions[];
    seen int := 0;
begin
    for signal in
        select distinct e.signal_id
        from public.signal_executions as e
        where e.status = 'pending' and e.order_id is null
        order by e.signal_id
        limit most
    loop
        perform book.act_on_signal(signal, at);
        seen := seen + 1;
    end loop;

    due := array(
        select d
        from public.position_actions as d
        where d.status = 'pending'
        order by d.decided_at
        limit most
    );
    if cardinality(due) > 0 then
        perform book.apply_rules(
            array(select distinct d.token_address from unnest(due) as d),
            at,
            array(select distinct d.wallet_address from unnest(due) as d)
        );
        -- Of those of which the latest price says nothing more.
        perform book.forget_reviews(due);
    end if;
    return seen + cardinality(due);
end
$$;

comment on function book.act_on_pending(timestamptz) is
'Does what was left because a wallet was busy, at most 1,000 signals and 1,000 positions; how many there were. at:
now.';
