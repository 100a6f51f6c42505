-- The lots of one token in one wallet: what each acquisition cost, and what took it, or that it is still there.
--
-- One pass over the facts that count, in the order of the book. Costs and proceeds are shared as the book does it: the
-- part is rounded, and the last part is what is left, so that nothing is lost.
create function book.lots_of(agent uuid, wallet text, mint text, method text)
returns table (
    lot_transaction_id uuid,
    acquired_at timestamptz,
    taken_by text,
    taking_transaction_id uuid,
    taken_at timestamptz,
    amount numeric,
    cost_sol numeric,
    cost_usd numeric,
    proceeds_sol numeric,
    proceeds_usd numeric
)
language plpgsql
stable
as $$
declare
    leg record;
    -- Each lot, by its number.
    ids uuid[] := '{}';
    times timestamptz[] := '{}';
    held numeric[] := '{}';
    costs_sol numeric[] := '{}';
    costs_usd numeric[] := '{}';
    ranks numeric[] := '{}';
    -- Numbers of the lots that are not used up, by rank: the last is taken first.
    open int[] := '{}';
    n int := 0;
    low int;
    high int;
    middle int;
    lot int;
    amount_left numeric;
    proceeds_left_sol numeric;
    proceeds_left_usd numeric;
begin
    for leg in
        select (f.leg).*
        from (
            select
                t.transaction_time,
                t.ledger_order,
                book.position_leg(t, mint, '{}') as leg
            from public.agent_transactions as t
            where
                t.agent_id = agent
                and t.wallet_address = wallet
                and (t.input_mint = mint or t.output_mint = mint)
                and t.voided_at is null
            -- Else each leg is made once for each of its fields.
            offset 0
        ) as f
        order by f.transaction_time, f.ledger_order
    loop
        if leg.kind in ('buy', 'deposit') then
            if method = 'average' and cardinality(open) > 0 then
                held[n] := held[n] + leg.amount;
                costs_sol[n] := costs_sol[n] + leg.value_sol;
                costs_usd[n] := costs_usd[n] + leg.value_usd;
                continue;
            end if;
            n := n + 1;
            -- With average cost, all that is held is one lot, of no purchase of its own.
            ids[n] := case when method <> 'average' then leg.transaction_id end;
            times[n] := case when method <> 'average' then leg.transaction_time end;
            held[n] := leg.amount;
            costs_sol[n] := leg.value_sol;
            costs_usd[n] := leg.value_usd;
            ranks[n] := case method
                when 'fifo' then -n
                -- Whole quotients: two equal prices are equal, whatever their digits.
                when 'hifo' then div(leg.value_sol * 1e40, leg.amount)
                else n
            end;
            -- Before those of equal rank, so that the older one is taken first.
            low := 0;
            high := cardinality(open);
            while low < high loop
                middle := (low + high) / 2;
                if ranks[open[middle + 1]] < ranks[n] then
                    low := middle + 1;
                else
                    high := middle;
                end if;
            end loop;
            open := open[:low] || n || open[low + 1:];
            continue;
        end if;

        taken_by := leg.kind;
        taking_transaction_id := leg.transaction_id;
        taken_at := leg.transaction_time;
        amount_left := leg.amount;
        -- A withdrawal makes no gain: nothing was received for it, and nothing lost.
        proceeds_left_sol := case when leg.kind <> 'withdrawal' then leg.value_sol end;
        proceeds_left_usd := case when leg.kind <> 'withdrawal' then leg.value_usd end;
        while amount_left > 0 loop
            if cardinality(open) = 0 then
                perform book.refuse('insufficient_holding', null, 'the facts take more of the token than was there');
            end if;
            lot := open[cardinality(open)];
            lot_transaction_id := ids[lot];
            acquired_at := times[lot];
            amount := least(amount_left, held[lot]);
            cost_sol := costs_sol[lot];
            cost_usd := costs_usd[lot];
            if amount = held[lot] then
                open := trim_array(open, 1);
            else
                cost_sol := book.round_quotient(cost_sol * amount, held[lot]);
                cost_usd := book.round_quotient(cost_usd * amount, held[lot]);
            end if;
            proceeds_sol := proceeds_left_sol;
            proceeds_usd := proceeds_left_usd;
            if amount < amount_left then
                proceeds_sol := book.round_quotient(proceeds_sol * amount, amount_left);
                proceeds_usd := book.round_quotient(proceeds_usd * amount, amount_left);
            end if;
            held[lot] := held[lot] - amount;
            costs_sol[lot] := costs_sol[lot] - cost_sol;
            costs_usd[lot] := costs_usd[lot] - cost_usd;
            amount_left := amount_left - amount;
            proceeds_left_sol := proceeds_left_sol - proceeds_sol;
            proceeds_left_usd := proceeds_left_usd - proceeds_usd;
            return next;
        end loop;
    end loop;

    taken_by := null;
    taking_transaction_id := null;
    taken_at := null;
    proceeds_sol := null;
    proceeds_usd := null;
    foreach lot in array array(select o.number from unnest(open) as o (number) order by o.number) loop
        lot_transaction_id := ids[lot];
        acquired_at := times[lot];
        amount := held[lot];
        cost_sol := costs_sol[lot];
        cost_usd := costs_usd[lot];
        return next;
    end loop;
end
$$;

comment on function book.lots_of(uuid, text, text, text) is
'The lots of one token (not SOL) in one wallet, as report.lots has them; method is fifo, lifo, hifo or average.';
