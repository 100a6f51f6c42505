-- Notes positions that are to be looked at again soon: those of wallets that are busy, and of several DCA buys of one
-- wallet, which would be by the same SOL, all but the first.
--
-- wallets: those that are busy. Each price has a row of its own, so that nobody waits for who adds another.
create function book.put_off_reviews(
    tokens text[], wallets text[], reviews book.reviewed_position[], at timestamptz
)
returns void
language plpgsql
volatile
as $$
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
            s.price_sol as highest,
            s.price_sol as lowest,
            s.observed_at
        from book.stirred_positions(tokens, wallets, at) as s
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

comment on function book.put_off_reviews(text[], text[], book.reviewed_position[], timestamptz) is
'Notes in position_actions, as pending, the stirred positions of busy wallets, and of reviews those whose place is not
the first. at: now.';
