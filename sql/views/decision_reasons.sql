-- Why an agent does not act: on a signal, in the order in which the reasons are looked for, or by a rule.
create view report.decision_reasons with (security_invoker = true) as
select
    r.place,
    r.reason,
    r.about
from (
    values
    (1, 'automation_off', 'Automated trading is off for the agent''s mode.'),
    (2, 'no_wallet', 'The agent has no wallet for its mode.'),
    (3, 'score_too_low', 'The signal''s strength is below signals.minScore.'),
    (4, 'type_not_allowed', 'The signal''s type is not in signals.allowedSignalTypes.'),
    (5, 'token_filtered', 'The token is on the blacklist, or not on the whitelist: signals.tokenList.'),
    (
        6, 'metric_outside',
        'The token''s market cap, liquidity or holders are outside of the bounds in signals, or are not told.'
    ),
    (7, 'position_open', 'The wallet holds the token already, or an order for it is open.'),
    (8, 'too_many_positions', 'The wallet has purchaseLimits.maxOpenPositions positions.'),
    (9, 'balance_too_low', 'No more SOL is in the wallet than purchaseLimits.minimumAgentBalance.'),
    (10, 'no_fresh_price', 'No price of the token is known that is at most 60 seconds old.'),
    (11, 'size_too_small', 'The SOL in the wallet is not enough for the smallest purchase.')
) as r (place, reason, about);

comment on view report.decision_reasons is
'Why an agent skips a signal, in the order in which the reasons are looked for: the first one counts.';
comment on column report.decision_reasons.place is 'The order.';
comment on column report.decision_reasons.reason is 'signal_executions.reason, or position_actions.reason of a skip.';
comment on column report.decision_reasons.about is 'What it means.';
