-- How far the take-profit ladders of an agent's open positions are.
create type api.take_profit_summary as (
    "openPositions" int,
    "withLevelsDone" int,
    "levelsDone" int,
    "withMoonBag" int
);

comment on type api.take_profit_summary is 'How far the take-profit ladders of an agent''s open positions are.';
comment on column api.take_profit_summary."openPositions" is 'Managed positions that are open.';
comment on column api.take_profit_summary."withLevelsDone" is 'Those of them that have reached a level.';
comment on column api.take_profit_summary."levelsDone" is 'The levels that were reached, of all of them.';
comment on column api.take_profit_summary."withMoonBag" is 'Those of them that have a moon bag set aside.';
