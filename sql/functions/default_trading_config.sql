-- The trading config of an agent that has none of its own: every setting that there is, in the form of stored ones.
--
-- Amounts and percentages are decimal strings, counts and times numbers. What each means and may be:
-- report.trading_config_rules.
create function book.default_trading_config()
returns jsonb
language sql
immutable
parallel safe
as $$
    select '{
        "purchaseLimits": {
            "minimumAgentBalance": "0.5",
            "maxPurchasePerToken": "2",
            "maxPriceImpact": "0.05",
            "maxOpenPositions": 25
        },
        "signals": {
            "minScore": 1,
            "allowedSignalTypes": [],
            "tokenFilterMode": "none",
            "tokenList": [],
            "marketCapMin": null,
            "marketCapMax": null,
            "liquidityMin": null,
            "liquidityMax": null,
            "holderCountMin": null,
            "holderCountMax": null
        },
        "stopLoss": {
            "enabled": true,
            "defaultPercentage": "-32",
            "mode": "fixed",
            "trailingLevels": []
        },
        "positionCalculator": {
            "solBalanceThresholds": {"minimum": "0.2", "medium": "5", "large": "10"},
            "positionSizes": {
                "small": {"min": "0.1", "max": "0.1"},
                "medium": {"min": "0.5", "max": "1"},
                "large": {"min": "1.5", "max": "2"}
            },
            "randomization": {"enabled": true}
        },
        "staleTrade": {
            "enabled": true,
            "minHoldTimeMinutes": 60,
            "minProfitPercent": "1",
            "maxProfitPercent": "10"
        },
        "dca": {
            "enabled": false,
            "mode": "moderate",
            "levels": [],
            "maxDCACount": 3,
            "cooldownSeconds": 30
        },
        "takeProfit": {
            "enabled": false,
            "mode": "moderate",
            "levels": [],
            "moonBag": {"enabled": true, "triggerPercent": "300", "retainPercent": "10"}
        }
    }'::jsonb
$$;

comment on function book.default_trading_config() is
'The trading config of an agent that has none of its own: every setting, amounts and percentages as decimal strings.';
