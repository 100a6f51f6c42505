-- Whether an agent follows a signal, and for how much SOL it buys; else the first reason why not, in the order of
-- report.decision_reasons. Pure.
--
-- rules: those in force. is_open: whether the wallet holds the token, or an order for it is open. open_positions: those
-- that take a slot. balance: SOL to spend. seed: what chance follows from.
create function book.judge_signal(
    s public.trading_signals,
    rules jsonb,
    is_automated boolean,
    has_wallet boolean,
    is_open boolean,
    open_positions int,
    balance numeric,
    has_fresh_price boolean,
    seed text,
    out size numeric,
    out reason text
)
language plpgsql
immutable
parallel safe
as $$
declare
    wanted constant jsonb := rules -> 'signals';
    limits constant jsonb := rules -> 'purchaseLimits';
    types constant jsonb := wanted -> 'allowedSignalTypes';
    is_listed constant boolean := wanted -> 'tokenList' ? s.token_address;
begin
    reason := case
        when not is_automated then 'automation_off'
        when not has_wallet then 'no_wallet'
        when s.signal_strength < (wanted ->> 'minScore')::int then 'score_too_low'
        when types <> '[]' and not types ? s.signal_type then 'type_not_allowed'
        when wanted ->> 'tokenFilterMode' = 'blacklist' and is_listed then 'token_filtered'
        when wanted ->> 'tokenFilterMode' = 'whitelist' and not is_listed then 'token_filtered'
        when not (
            book.is_within(s.market_cap_usd, wanted ->> 'marketCapMin', wanted ->> 'marketCapMax')
            and book.is_within(s.liquidity_usd, wanted ->> 'liquidityMin', wanted ->> 'liquidityMax')
            and book.is_within(s.holder_count, wanted ->> 'holderCountMin', wanted ->> 'holderCountMax')
        ) then 'metric_outside'
        when is_open then 'position_open'
        when open_positions >= (limits ->> 'maxOpenPositions')::int then 'too_many_positions'
        when balance <= (limits ->> 'minimumAgentBalance')::numeric then 'balance_too_low'
        when not has_fresh_price then 'no_fresh_price'
    end;
    if reason is null then
        size := book.purchase_size(rules, balance, seed);
        reason := case when size is null then 'size_too_small' end;
    end if;
end
$$;

comment on function book.judge_signal(
    public.trading_signals, jsonb, boolean, boolean, boolean, int, numeric, boolean, text
) is
'Whether an agent follows a signal: the SOL that it buys for, or the first reason of report.decision_reasons against it.
Pure.';
