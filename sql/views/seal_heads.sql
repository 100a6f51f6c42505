-- The newest seal of each wallet: what to keep elsewhere, where whoever can change the database cannot.
create view report.seal_heads
with (security_invoker = true) as
select
    w.wallet_address,
    w.agent_id,
    s.user_id,
    s.number,
    encode(s.hash, 'hex') as hash,
    s.facts_so_far as facts,
    s.voids_so_far as voids,
    s.sealed_at
from public.agent_wallets as w
cross join lateral (
    select
        l.user_id,
        l.number,
        l.hash,
        l.facts_so_far,
        l.voids_so_far,
        l.sealed_at
    from public.ledger_seals as l
    where l.wallet_address = w.wallet_address
    order by l.number desc
    limit 1
) as s;

comment on view report.seal_heads is
'The newest seal of each wallet. Keep them elsewhere: a chain that was made anew, or cut at its end, no
longer has them.';
comment on column report.seal_heads.wallet_address is 'The wallet.';
comment on column report.seal_heads.agent_id is 'The agent.';
comment on column report.seal_heads.user_id is 'The agent''s user.';
comment on column report.seal_heads.number is 'Number of the seal in the wallet''s chain.';
comment on column report.seal_heads.hash is 'Its hash, SHA-256 in hexadecimal.';
comment on column report.seal_heads.facts is 'Facts that are sealed.';
comment on column report.seal_heads.voids is 'Voids that are sealed.';
comment on column report.seal_heads.sealed_at is 'When it was made.';
