-- What the modes of DCA and take-profit stand for, unless the mode is custom.
create view report.mode_presets with (security_invoker = true) as
select
    p.section,
    p.mode,
    p.settings::jsonb as settings
from (
    values
    (
        'dca', 'aggressive',
        '{"levels": [
            {"dropPercent": "-10", "buyPercent": "100"},
            {"dropPercent": "-10", "buyPercent": "100"},
            {"dropPercent": "-10", "buyPercent": "100"}
        ]}'
    ),
    (
        'dca', 'moderate',
        '{"levels": [{"dropPercent": "-20", "buyPercent": "75"}, {"dropPercent": "-20", "buyPercent": "75"}]}'
    ),
    ('dca', 'conservative', '{"levels": [{"dropPercent": "-20", "buyPercent": "100"}]}'),
    (
        'takeProfit', 'aggressive',
        '{"levels": [
            {"targetPercent": "25", "sellPercent": "25"},
            {"targetPercent": "50", "sellPercent": "25"},
            {"targetPercent": "100", "sellPercent": "25"},
            {"targetPercent": "150", "sellPercent": "15"}
        ], "moonBag": {"triggerPercent": "100", "retainPercent": "10"}}'
    ),
    (
        'takeProfit', 'moderate',
        '{"levels": [
            {"targetPercent": "50", "sellPercent": "25"},
            {"targetPercent": "150", "sellPercent": "25"},
            {"targetPercent": "300", "sellPercent": "25"},
            {"targetPercent": "400", "sellPercent": "15"}
        ], "moonBag": {"triggerPercent": "300", "retainPercent": "10"}}'
    ),
    (
        'takeProfit', 'conservative',
        '{"levels": [
            {"targetPercent": "100", "sellPercent": "20"},
            {"targetPercent": "200", "sellPercent": "20"},
            {"targetPercent": "400", "sellPercent": "25"},
            {"targetPercent": "600", "sellPercent": "20"}
        ], "moonBag": {"triggerPercent": "400", "retainPercent": "15"}}'
    )
) as p (section, mode, settings);

comment on view report.mode_presets is
'What the modes of DCA and take-profit stand for; the mode custom has none, and goes by the agent''s own levels.';
comment on column report.mode_presets.section is 'dca or takeProfit, as in a trading config.';
comment on column report.mode_presets.mode is 'The mode of that section.';
comment on column report.mode_presets.settings is
'The settings of the section that the mode stands for; the others are the agent''s own.';
