-- Notes positions that are to be looked at again soon: those of wallets that are busy, and of several DCA buys of one
-- wallet, which would be by the same SOL, all but the first.
--
-- wallets: those that are busy. Each price has a row of its own, so that nobody waits for who adds another.
create function book.put_off_reviews(
    tokens text[], wallets text[], reviews book.reviewed_position[], at timestamptz, since jsonb
)
returns void
language plpgsql
volatile
as $$
declare
    -- Not those that somebody is about to delete: to refer to them would be to wait for that.
    kept constant text[] := array(
        select w.wallet_address
        from public.agent_wallets as w
        inner join public.agents as a on a.id = w.agent_id
        where w.wallet_address = any (wallets)
        order by w.wallet_address
        for key share of a skip locked
        for key share of w skip locked
    );
begin
    insert into public.position_actions (
        user_id,
        agent_id,
        wallet_address,
        token_address,
        position_id,
        status,
        price_sol,
        highest_price_sol,
        lowest_price_sol,
        decided_at
    )
    select
        (k.p).user_id,
        (k.p).agent_id,
        (k.p).wallet_address,
        (k.p).token_address,
        (k.p).id,
        'pending',
        k.price_sol,
        k.highest,
        k.lowest,
        k.observed_at
    from (
        select
            s.p,
            s.price_sol,
            s.highest_of_now as highest,
            s.lowest_of_now as lowest,
            s.observed_at
        from book.stirred_positions(tokens, kept, at, since) as s
        union all
        select
            r.p,
            r.price_sol,
            r.highest_price,
            r.lowest_price,
            r.observed_at
        from unnest(reviews) as r
        where r.place > 1
    ) as k;
end
$$;

comment on function book.put_off_reviews(text[], text[], book.reviewed_position[], timestamptz, jsonb) is
'Notes in position_actions, as pending, the stirred positions of busy wallets, and of reviews those whose place is not
the first. at: now.';
