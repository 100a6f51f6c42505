-- What the rules of an agent say of a position at a price: the position's new state, and what is to be done.
create type book.position_verdict as (
    rule text,               -- stop_loss, take_profit, stale_trade or dca; NULL where nothing is to be done
    amount numeric,          -- of that: whole tokens to sell, or SOL to buy for; NULL for a dca that has no SOL
    peak_price numeric,
    lowest_price numeric,
    stop_loss_price numeric,
    stop_percent numeric,
    levels_done int,         -- of the take-profit ladder, when this is done
    moon_bag numeric,        -- set aside, when this is done; NULL where it is not yet
    quiet_from numeric,      -- and to, until: where nothing will happen (book.quiet_band); NULL where that is not known
    quiet_to numeric,
    quiet_until timestamptz,
    reasons jsonb            -- why a rule does nothing: a name for each of those that were asked
);

comment on type book.position_verdict is
'What the rules of an agent say of a position at a price: its new state, what is to be done, and why not more.';
