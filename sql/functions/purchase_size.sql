-- For how much SOL an agent buys at once; NULL where it buys nothing.
--
-- rules: the rules in force. balance: SOL in the wallet. seed: what chance follows from (book.chance).
create function book.purchase_size(rules jsonb, balance numeric, seed text)
returns numeric
language plpgsql
immutable
parallel safe
as $$
declare
    calculator constant jsonb := rules -> 'positionCalculator';
    thresholds constant jsonb := calculator -> 'solBalanceThresholds';
    limits constant jsonb := rules -> 'purchaseLimits';
    sizes constant jsonb := calculator -> 'positionSizes' -> case
        when balance >= (thresholds ->> 'large')::numeric then 'large'
        when balance >= (thresholds ->> 'medium')::numeric then 'medium'
        when balance >= (thresholds ->> 'minimum')::numeric then 'small'
    end;
    least_size constant numeric := sizes ->> 'min';
    size numeric := sizes ->> 'max';
begin
    if (calculator -> 'randomization' ->> 'enabled')::boolean then
        -- Both ends are possible. In lamports, the smallest part of SOL.
        size := least_size + round((size - least_size) * book.chance(seed) / 999999, 9);
    end if;
    size := least(
        size,
        (limits ->> 'maxPurchasePerToken')::numeric,
        balance - (limits ->> 'minimumAgentBalance')::numeric
    );
    -- least passes over what is NULL.
    return case when sizes is not null and size > 0 then size end;
end
$$;

comment on function book.purchase_size(jsonb, numeric, text) is
'For how much SOL an agent buys at once, by the SOL in the wallet, its limits, and chance that follows from the seed;
NULL where it buys nothing.';
