-- Moves the peaks and the lowest prices of the positions of which nothing else can move (book.stirred_positions), so
-- that their rules need not be asked. The caller holds the locks of the wallets.
create function book.move_peaks(tokens text[], wallets text[], at timestamptz, since jsonb)
returns void
language sql
volatile
as $$
    update public.agent_positions as p
    set
        peak_price = greatest(p.peak_price, s.highest),
        lowest_price = least(p.lowest_price, s.lowest),
        last_stop_loss_update = at
    from book.stirred_positions(tokens, wallets, at, since) as s
    where
        p.agent_id = s.agent_id
        and p.id = s.position_id
        and s.is_quiet
        and (s.highest > p.peak_price or s.lowest < p.lowest_price)
$$;

comment on function book.move_peaks(text[], text[], timestamptz, jsonb) is
'Moves the peaks and the lowest prices of the positions in some tokens and wallets of which nothing else can move at the
latest prices. at: now. since: see book.stirred_positions.';
