-- Does what was left because a wallet was busy: pending executions of signals, and positions that are to be looked at.
-- Called within a second, again and again, by whoever works for the installation. Answers how many signals and
-- positions there were.
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
    tokens text[];
    wallets text[];
    seen int := 0;
begin
    -- Protection comes before purchases.
    select
        array_agg(d.token_address),
        array_agg(d.wallet_address)
    into tokens, wallets
    from (
        select
            k.token_address,
            k.wallet_address
        from public.position_actions as k
        where k.status = 'pending'
        group by k.token_address, k.wallet_address
        order by min(k.decided_at)
        limit most
    ) as d;
    if tokens is not null then
        perform book.apply_rules(array(select distinct t from unnest(tokens) as t), at, wallets);
        seen := seen + cardinality(tokens);
    end if;

    for signal in
        select distinct e.signal_id
        from public.signal_executions as e
        where e.status = 'pending' and e.order_id is null
        order by e.signal_id
        limit most
    loop
        -- One that fails holds up no other, and is tried again.
        begin
            perform book.act_on_signal(signal, at);
            seen := seen + 1;
        exception
            when others then
                raise warning 'signal % cannot be acted on: % (%)', signal, sqlerrm, sqlstate;
        end;
    end loop;
    return seen;
end
$$;

comment on function book.act_on_pending(timestamptz) is
'Does what was left because a wallet was busy, 1,000 signals and 1,000 positions at the most; how many. at: now.';
