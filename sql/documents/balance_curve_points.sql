-- What an agent, or one of its wallets, was worth at an instant.
create type api.balance_curve_points as (
    "timestamp" api.time_text,
    "portfolioBalanceSol" api.decimal_text,
    "solBalance" api.decimal_text,
    "positionsValueSol" api.decimal_text,
    "unrealizedPnLSol" api.decimal_text
);

comment on type api.balance_curve_points is 'What an agent, or one of its wallets, was worth at an instant.';
comment on column api.balance_curve_points.timestamp is 'The instant: a full hour.';
comment on column api.balance_curve_points."portfolioBalanceSol" is 'SOL held and positions at market value, SOL.';
comment on column api.balance_curve_points."solBalance" is 'SOL held.';
comment on column api.balance_curve_points."positionsValueSol" is 'Positions at market value, SOL.';
comment on column api.balance_curve_points."unrealizedPnLSol" is 'Market value less cost of the positions, SOL.';
