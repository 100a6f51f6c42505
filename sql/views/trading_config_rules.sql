-- Every setting of a trading config: what it means, what it may be, and what it is unless an agent says otherwise.
--
-- [] after a path are the elements of a list. What two settings have to be to each other is said by
-- book.trading_config_contradictions.
create view report.trading_config_rules with (security_invoker = true) as
with rules as (
    select
        r.path,
        r.kind,
        r.allowed,
        r.choices,
        r.is_nullable,
        r.about,
        string_to_array(replace(r.path, '[]', '.*'), '.') as place
    from (
        values
        ('', 'object', null, null, false, 'A trading config.'),

        ('purchaseLimits', 'object', null, null, false, 'How much an agent may buy.'),
        (
            'purchaseLimits.minimumAgentBalance', 'number', '[0.1,)'::numrange, null, false,
            'SOL that stays in the wallet.'
        ),
        ('purchaseLimits.maxPurchasePerToken', 'number', '(0,)', null, false, 'SOL of one purchase, at the most.'),
        (
            'purchaseLimits.maxPriceImpact', 'number', '[0,1]', null, true,
            'How far a purchase may move the price, as a fraction of it; null is however far.'
        ),
        (
            'purchaseLimits.maxOpenPositions', 'integer', '[1,1000]', null, false,
            'Open positions of a wallet, at the most.'
        ),

        ('signals', 'object', null, null, false, 'Which signals an agent follows.'),
        ('signals.minScore', 'integer', '[1,5]', null, false, 'The least strength of a signal.'),
        (
            'signals.allowedSignalTypes', 'list', null, null, false,
            'The types of signals that are followed; none are all.'
        ),
        ('signals.allowedSignalTypes[]', 'text', '[1,50]', null, false, 'A type of signals.'),
        (
            'signals.tokenFilterMode', 'choice', null, array['none', 'blacklist', 'whitelist'], false,
            'Whether tokenList is of the tokens that are left out (blacklist), of the only ones (whitelist), or unused.'
        ),
        ('signals.tokenList', 'list', null, null, false, 'The tokens of tokenFilterMode.'),
        ('signals.tokenList[]', 'text', '[32,44]', null, false, 'The address of a token.'),
        ('signals.marketCapMin', 'number', '(0,)', null, true, 'The least market cap of a token, USD; null is any.'),
        ('signals.marketCapMax', 'number', '(0,)', null, true, 'The highest market cap of a token, USD; null is any.'),
        ('signals.liquidityMin', 'number', '(0,)', null, true, 'The least liquidity of a token, USD; null is any.'),
        ('signals.liquidityMax', 'number', '(0,)', null, true, 'The highest liquidity of a token, USD; null is any.'),
        (
            'signals.holderCountMin', 'integer', '[0,2147483647]', null, true,
            'The fewest holders of a token; null is any.'
        ),
        (
            'signals.holderCountMax', 'integer', '[0,2147483647]', null, true,
            'The most holders of a token; null is any.'
        ),

        ('stopLoss', 'object', null, null, false, 'When a position that falls is sold.'),
        ('stopLoss.enabled', 'boolean', null, null, false, 'Whether it is.'),
        (
            'stopLoss.defaultPercentage', 'number', '[-100,0]', null, false,
            'Where the stop begins, percent of the purchase price: -32 is at 68 percent of it.'
        ),
        (
            'stopLoss.mode', 'choice', null, array['fixed', 'exponential', 'zones', 'custom'], false,
            'How the stop follows the highest price; custom is by trailingLevels.'
        ),
        (
            'stopLoss.trailingLevels', 'list', null, null, false,
            'Where the stop is from which rise on, with mode custom; the highest rise comes first.'
        ),
        ('stopLoss.trailingLevels[]', 'object', null, null, false, 'A rise, and the stop from there on.'),
        (
            'stopLoss.trailingLevels[].change', 'number', '(0,)', null, false,
            'How far the highest price is above the purchase price, percent of that.'
        ),
        (
            'stopLoss.trailingLevels[].stopLoss', 'number', '(0,1000]', null, false,
            'Where the stop is then, percent of the purchase price: 90 is at 190 percent of it.'
        ),

        ('positionCalculator', 'object', null, null, false, 'How much is bought at once.'),
        (
            'positionCalculator.solBalanceThresholds', 'object', null, null, false,
            'The SOL in the wallet from which purchases are of which size.'
        ),
        (
            'positionCalculator.solBalanceThresholds.minimum', 'number', '(0,)', null, false,
            'From here on they are small, SOL; below it nothing is bought.'
        ),
        ('positionCalculator.solBalanceThresholds.medium', 'number', '(0,)', null, false, 'From here on medium, SOL.'),
        ('positionCalculator.solBalanceThresholds.large', 'number', '(0,)', null, false, 'From here on large, SOL.'),
        ('positionCalculator.positionSizes', 'object', null, null, false, 'What each size is.'),
        ('positionCalculator.positionSizes.small', 'object', null, null, false, 'A small purchase.'),
        ('positionCalculator.positionSizes.small.min', 'number', '[0,)', null, false, 'The least, SOL.'),
        ('positionCalculator.positionSizes.small.max', 'number', '[0,)', null, false, 'The most, SOL.'),
        ('positionCalculator.positionSizes.medium', 'object', null, null, false, 'A medium purchase.'),
        ('positionCalculator.positionSizes.medium.min', 'number', '[0,)', null, false, 'The least, SOL.'),
        ('positionCalculator.positionSizes.medium.max', 'number', '[0,)', null, false, 'The most, SOL.'),
        ('positionCalculator.positionSizes.large', 'object', null, null, false, 'A large purchase.'),
        ('positionCalculator.positionSizes.large.min', 'number', '[0,)', null, false, 'The least, SOL.'),
        ('positionCalculator.positionSizes.large.max', 'number', '[0,)', null, false, 'The most, SOL.'),
        ('positionCalculator.randomization', 'object', null, null, false, 'Where between min and max a purchase is.'),
        (
            'positionCalculator.randomization.enabled', 'boolean', null, null, false,
            'Whether it is by chance; otherwise it is max.'
        ),

        ('staleTrade', 'object', null, null, false, 'When a position that goes nowhere is sold.'),
        ('staleTrade.enabled', 'boolean', null, null, false, 'Whether it is.'),
        ('staleTrade.minHoldTimeMinutes', 'integer', '[1,2147483647]', null, false, 'After how many minutes.'),
        ('staleTrade.minProfitPercent', 'number', null, null, false, 'From which gain on, percent; included.'),
        ('staleTrade.maxProfitPercent', 'number', null, null, false, 'Up to which gain, percent; included.'),

        ('dca', 'object', null, null, false, 'When more is bought of a position that falls.'),
        ('dca.enabled', 'boolean', null, null, false, 'Whether it is.'),
        (
            'dca.mode', 'choice', null, array['aggressive', 'moderate', 'conservative', 'custom'], false,
            'Which preset of report.mode_presets; custom is by levels.'
        ),
        (
            'dca.levels', 'list', null, null, false,
            'The purchases, with mode custom, in any order: the least drop is the first.'
        ),
        ('dca.levels[]', 'object', null, null, false, 'A drop, and what is bought there.'),
        (
            'dca.levels[].dropPercent', 'number', '[-99,-1]', null, false,
            'How far the price is from the purchase price, percent of that: -10 is at 90 percent of it.'
        ),
        (
            'dca.levels[].buyPercent', 'number', '[1,500]', null, false,
            'What is bought, percent of what the position is worth.'
        ),
        ('dca.maxDCACount', 'integer', '[1,10]', null, false, 'Purchases of one position, at the most.'),
        ('dca.cooldownSeconds', 'integer', '[10,3600]', null, false, 'Seconds between two of them, at the least.'),

        ('takeProfit', 'object', null, null, false, 'When a position that rises is sold, step by step.'),
        ('takeProfit.enabled', 'boolean', null, null, false, 'Whether it is.'),
        (
            'takeProfit.mode', 'choice', null, array['aggressive', 'moderate', 'conservative', 'custom'], false,
            'Which preset of report.mode_presets; custom is by levels and moonBag.'
        ),
        (
            'takeProfit.levels', 'list', '[0,10]', null, false,
            'The sales, with mode custom, lowest target first. With what the moon bag retains: 100 percent at the most.'
        ),
        ('takeProfit.levels[]', 'object', null, null, false, 'A gain, and what is sold there.'),
        ('takeProfit.levels[].targetPercent', 'number', '[1,10000]', null, false, 'The gain, percent.'),
        (
            'takeProfit.levels[].sellPercent', 'number', '[1,100]', null, false,
            'What is sold, percent of what the ladder began with.'
        ),
        ('takeProfit.moonBag', 'object', null, null, false, 'What is kept, whatever the gain.'),
        ('takeProfit.moonBag.enabled', 'boolean', null, null, false, 'Whether anything is; with presets too.'),
        (
            'takeProfit.moonBag.triggerPercent', 'number', '[1,10000]', null, false,
            'The gain at which it is set aside, percent.'
        ),
        (
            'takeProfit.moonBag.retainPercent', 'number', '[1,50]', null, false,
            'How much it is, percent of what the ladder began with.'
        )
    ) as r (path, kind, allowed, choices, is_nullable, about)
)

select
    r.path,
    r.place,
    r.kind,
    r.allowed,
    r.choices,
    r.is_nullable,
    case when r.kind <> 'object' then book.default_trading_config() #> r.place end as default_value,
    r.about
from rules as r;

comment on view report.trading_config_rules is
'Every setting of a trading config (agents.trading_config): what it means, what it may be, and its default.';
comment on column report.trading_config_rules.path is
'The setting, by the names that lead to it; [] are the elements of a list. Without a name, it is the whole config.';
comment on column report.trading_config_rules.place is 'The same as an array, * for [].';
comment on column report.trading_config_rules.kind is
'number (a decimal string of at most 18 decimals; a JSON number is taken too), integer, boolean, choice, text, list
or object.';
comment on column report.trading_config_rules.allowed is
'What a number or integer may be, how many characters a text may have, or how many elements a list; NULL is any.';
comment on column report.trading_config_rules.choices is 'The texts that a choice may be; NULL for other kinds.';
comment on column report.trading_config_rules.is_nullable is 'Whether it may be null.';
comment on column report.trading_config_rules.default_value is
'What it is unless an agent says otherwise; NULL for objects and for what is inside a list.';
comment on column report.trading_config_rules.about is 'What it means, and its unit.';
