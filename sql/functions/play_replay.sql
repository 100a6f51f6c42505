-- Some instants of a replay, in order: at each, the rules are held against the prices of then, and the signals of then
-- are acted on.
create function book.play_replay(instants timestamptz[])
returns void
language plpgsql
volatile
as $$
declare
    at timestamptz;
    signal int;
begin
    foreach at in array instants loop
        perform book.apply_rules(
            array(
                select p.token_address
                from public.token_prices as p
                cross join public.settings as s
                where p.source = s.price_source and p.observed_at = at and p.token_address <> book.sol_mint()
                order by p.token_address
            ),
            at
        );
        perform book.act_on_pending(at);
        for signal in select s.id from public.trading_signals as s where s.created_at = at order by s.id loop
            perform book.act_on_signal(signal, at);
        end loop;
    end loop;
end
$$;

comment on function book.play_replay(timestamptz[]) is
'Has the agents of a replay trade at some instants of it, in order.';
