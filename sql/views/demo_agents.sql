-- The agents of the demo: one for each mode of stop-loss, take-profit and DCA, and one that does without a stop.
create view report.demo_agents with (security_invoker = true) as
select
    d.number,
    d.name,
    d.trading_config::jsonb as trading_config
from (
    values
    (
        1, 'Careful',
        '{"stopLoss": {"defaultPercentage": "-15"}, "takeProfit": {"enabled": true, "mode": "conservative"},
          "staleTrade": {"minHoldTimeMinutes": 2880}}'
    ),
    (2, 'Steady', '{"stopLoss": {"mode": "zones"}, "takeProfit": {"enabled": true, "mode": "moderate"},
          "staleTrade": {"minHoldTimeMinutes": 2880}}'),
    (3, 'Eager', '{"stopLoss": {"mode": "exponential"}, "takeProfit": {"enabled": true, "mode": "aggressive"}}'),
    (
        4, 'Reckless',
        '{"stopLoss": {"defaultPercentage": "-60"}, "dca": {"enabled": true, "mode": "aggressive"},
          "takeProfit": {"enabled": true, "mode": "aggressive"}}'
    ),
    (
        5, 'Patient',
        '{"stopLoss": {"defaultPercentage": "-50"}, "dca": {"enabled": true, "mode": "conservative"},
          "staleTrade": {"minHoldTimeMinutes": 1440}}'
    ),
    (
        6, 'Stubborn',
        '{"stopLoss": {"enabled": false}, "dca": {"enabled": true, "mode": "moderate"},
          "staleTrade": {"enabled": false}}'
    ),
    (
        7, 'Picky',
        '{"signals": {"minScore": 4, "liquidityMin": "50000"}, "purchaseLimits": {"maxOpenPositions": 3},
          "stopLoss": {"mode": "custom", "trailingLevels": [{"change": "50", "stopLoss": "30"}, {"change": "20", "stopLoss": "5"}]}}'
    ),
    (8, 'Plain', null)
) as d (number, name, trading_config);

comment on view report.demo_agents is 'The agents that the demo is made of, and how each is to trade.';
comment on column report.demo_agents.number is 'Its place: a demo of three agents has the first three.';
comment on column report.demo_agents.name is 'Its name.';
comment on column report.demo_agents.trading_config is 'Its trading config; NULL is all defaults.';
