-- name: begin_replay(configs, starting_sol, price_source, max_age, slippage_bps, fee_lamports)$
-- Begins a replay in a database of its own; the instants of the prices.
select book.begin_replay(
    :configs::jsonb, :starting_sol::numeric, :price_source::text, :max_age::interval, :slippage_bps::int,
    :fee_lamports::bigint
);

-- name: place_replay_signals(signals, price_source)^
-- Places signals at the prices that they are acted on at: how many were placed, and left out.
select
    p.placed,
    p.left_out
from book.place_replay_signals(:signals::jsonb, :price_source::text) as p;

-- name: play_replay(instants)$
-- Has the agents trade at some instants, in order.
select book.play_replay(:instants::timestamptz[]);

-- name: end_replay(start_at, end_at)
-- Ends a replay: each agent's name and figures.
select
    r.agent_name,
    r.figures
from book.end_replay(:start_at::timestamptz, :end_at::timestamptz) as r;
