-- One day of the demo, in event time: each hour the rules are held against the prices, then signals come in, for
-- everyone, about five a day. Some hours after the price of token 5 has gone, it is flagged as dead.
--
-- day: from 1. See book.begin_demo.
create function book.play_demo(until_time timestamptz, days int, day int)
returns void
language plpgsql
volatile
as $$
declare
    start constant timestamptz := until_time - days * interval '24 hours';
    rug_hour constant int := book.demo_rug_hour(days);
    tokens constant text[] := array(select book.demo_mint(n) from generate_series(1, 12) as n);
    at timestamptz;
    token int;
    signal int;
begin
    for hour in (day - 1) * 24 + 1..day * 24 loop
        at := start + hour * interval '1 hour';
        perform book.apply_rules(tokens, at);
        perform book.act_on_pending(at);
        token := case
            -- Somebody holds it when it goes.
            when hour = rug_hour - 3 then 5
            when book.chance('signal ' || hour) < 210000 then 1 + book.chance('token ' || hour) % 12
        end;
        if token is not null and (token <> 5 or hour < rug_hour) then
            insert into public.trading_signals (
                token_address,
                symbol,
                signal_type,
                activation_reason,
                signal_strength,
                source,
                liquidity_usd,
                created_at,
                updated_at
            )
            values (
                book.demo_mint(token),
                book.demo_symbol(token),
                (array['momentum', 'whale', 'breakout'])[1 + book.chance('type ' || hour) % 3],
                'made up for the demo',
                1 + book.chance('strength ' || hour) % 5,
                (array['scanner', 'desk'])[1 + book.chance('source ' || hour) % 2],
                book.chance('liquidity ' || hour),
                at,
                at
            )
            returning id into signal;
            perform book.act_on_signal(signal, at);
        end if;
        if hour = rug_hour + 6 then
            perform book.flag_dead_token(
                null,
                jsonb_build_object('tokenAddress', tokens[5], 'evidence', 'its price fell to a thousandth, and stayed there'),
                at
            );
        end if;
    end loop;
end
$$;

comment on function book.play_demo(timestamptz, int, int) is
'Has the agents of the demo trade for one of its days, from 1 on: prices, rules and signals, hour by hour.';
