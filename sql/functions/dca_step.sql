-- Whether a position that has fallen is added to, and for how much SOL.
--
-- rules: the rules in force. gain: percent. worth: what is held at the price, SOL. balance: SOL in the wallet.
-- last_try: the last DCA buy, or the last one that was left out. reason NULL: it is to be bought; spends NULL then: but
-- there is no SOL for it.
create function book.dca_step(
    rules jsonb,
    can_buy boolean,
    gain numeric,
    worth numeric,
    dca_count int,
    last_try timestamptz,
    is_moon_bag_only boolean,
    balance numeric,
    at timestamptz,
    out spends numeric,
    out reason text
)
language plpgsql
immutable
parallel safe
as $$
declare
    dca constant jsonb := rules -> 'dca';
    limits constant jsonb := rules -> 'purchaseLimits';
    level jsonb;
begin
    if not (dca ->> 'enabled')::boolean then
        reason := 'disabled';
    elsif not can_buy then
        reason := 'automation_off';
    elsif is_moon_bag_only then
        reason := 'moon_bag_only';
    elsif dca_count >= (dca ->> 'maxDCACount')::int then
        reason := 'count_reached';
    elsif at < last_try + (dca ->> 'cooldownSeconds')::int * interval '1 second' then
        reason := 'cooldown';
    else
        level := (
            select l.level
            from jsonb_array_elements(dca -> 'levels') with ordinality as l (level, place)
            order by (l.level ->> 'dropPercent')::numeric desc, l.place
            offset dca_count
            limit 1
        );
        if level is null then
            reason := 'levels_used';
        elsif gain > (level ->> 'dropPercent')::numeric then
            reason := 'above_level';
        else
            spends := least(
                round(worth * (level ->> 'buyPercent')::numeric * 0.01, 18),
                (limits ->> 'maxPurchasePerToken')::numeric,
                balance - (limits ->> 'minimumAgentBalance')::numeric
            );
            spends := case when spends > 0 then spends end;
        end if;
    end if;
end
$$;

comment on function book.dca_step(
    jsonb, boolean, numeric, numeric, int, timestamptz, boolean, numeric, timestamptz
) is
'Whether a position that has fallen (gain in percent) is added to: the SOL that is spent, NULL where the wallet has too
little; or the reason why it is not.';
