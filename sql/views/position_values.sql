-- What each position would bring at the latest price of the source in force. No row where no price is known.
create view report.position_values with (security_invoker = true) as
select
    p.id,
    p.user_id,
    p.agent_id,
    p.wallet_address,
    p.token_address,
    latest.price_sol,
    latest.observed_at,
    round(p.remaining_amount * latest.price_sol, 18) as value_sol
from public.agent_positions as p
cross join lateral book.latest_price(p.token_address, now()) as latest;

comment on view report.position_values is
'Market value of each position whose token has a price, at the latest one, whatever its age (now() - observed_at).';
comment on column report.position_values.id is 'The position.';
comment on column report.position_values.user_id is 'Its user.';
comment on column report.position_values.agent_id is 'Its agent.';
comment on column report.position_values.wallet_address is 'Its wallet.';
comment on column report.position_values.token_address is 'Mint of the token.';
comment on column report.position_values.price_sol is 'The price that was used, SOL per token.';
comment on column report.position_values.observed_at is 'When that price was observed.';
comment on column report.position_values.value_sol is 'Tokens held times the price, SOL, before any fee.';
