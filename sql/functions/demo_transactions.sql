-- The trades of the demo's agents. See book.make_demo.
create function book.demo_transactions(owner uuid, start timestamptz)
returns setof public.agent_transactions
language plpgsql
stable
as $$
declare
    fact public.agent_transactions;
    a int;
    round int;
    n int;
    at timestamptz;
    bought numeric;
    mint text;
begin
    for a in 1..4 loop
        fact := book.demo_fact(owner, a, 'start', 'DEPOSIT', start);
        fact.input_mint := book.sol_mint();
        fact.input_amount := 100;
        return next fact;

        for round in 1..16 loop
            n := 1 + (round + 3 * a) % 12;
            mint := book.demo_mint(n);
            -- 46 hours a round: all of them fill the month, and a token is free again before its next round.
            at := start + (round * 46 - 40) * interval '1 hour' + a * interval '7 minutes';

            fact := book.demo_buy(owner, a, round || ' buy', at, mint, n);
            bought := fact.output_amount;
            return next fact;

            if book.chance('dca ' || a || ' ' || round) < 400000 then
                fact := book.demo_buy(owner, a, round || ' dca', at + interval '5 hours', mint, n);
                bought := bought + fact.output_amount;
                return next fact;
            end if;

            if round = 16 then
                continue;
            elsif book.chance('rug ' || a || ' ' || round) < 80000 then
                fact := book.demo_fact(owner, a, round || ' burn', 'BURN', at + interval '20 hours');
                fact.input_mint := mint;
                fact.input_symbol := book.demo_symbol(n);
                fact.input_amount := bought;
                fact.close_reason := 'rug_pull';
                return next fact;
                continue;
            end if;

            fact := book.demo_sale(
                owner, a, round || ' part', at + interval '12 hours', mint, n, trunc(bought / 2, 6), 'take_profit'
            );
            bought := bought - fact.input_amount;
            return next fact;
            fact := book.demo_sale(
                owner, a, round || ' rest', at + interval '24 hours', mint, n, bought,
                (array['stop_loss', 'take_profit', 'stale_trade', 'manual'])[1 + book.chance('why ' || a || round) % 4]
            );
            return next fact;
        end loop;
    end loop;
end
$$;

comment on function book.demo_transactions(uuid, timestamptz) is 'The trades of the demo''s agents, in no order.';
