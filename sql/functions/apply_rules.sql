-- Holds the rules of all agents against their positions in some tokens, at the latest prices: peaks and stops move,
-- and what is to be sold or added to is, in simulation at once, else by an order. A few statements, however many
-- positions.
--
-- wallets: those that are looked at again, since they were busy; NULL is all. at: now. since: {token: time} of those
-- of which several prices have come at once, so that the highest of them counts for the peak. A wallet that is busy is
-- left, with a pending row of position_actions, and looked at again (book.act_on_pending). A trade that is refused is
-- told there, and undone alone. Answers how many actions there were, whatever came of them. Whoever leaves a wallet
-- adds a row of its own, and who has the wallet alone removes them: so that nobody waits here.
create function book.apply_rules(
    tokens text[], at timestamptz, wallets text[] default null, since jsonb default '{}'
)
returns int
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
    stirred text[];
    stirred_tokens text[];
    quiet int;
    acts boolean;
    idle text[];
    due uuid[];
    reviews book.reviewed_position[];
    facts public.agent_transactions[];
    failures jsonb;
    actions int;
begin
    with seen as materialized (
        select
            k.wallet_address,
            k.token_address,
            k.is_quiet
        from book.stirred_positions(tokens, wallets, at, since) as k
        union all
        select
            d.wallet_address,
            d.token_address,
            false
        from public.position_actions as d
        where
            d.status = 'pending'
            and d.token_address = any (tokens)
            and (wallets is null or d.wallet_address = any (wallets))
    )

    select
        array(select distinct s.wallet_address from seen as s),
        array(select distinct s.token_address from seen as s),
        (select count(*) from seen as s where s.is_quiet),
        exists (select from seen as s where not s.is_quiet)
    into stirred, stirred_tokens, quiet, acts;
    if cardinality(stirred) = 0 then
        return 0;
    end if;
    idle := book.lock_idle_wallets(stirred);
    due := array(
        select d.id
        from public.position_actions as d
        where d.status = 'pending' and d.wallet_address = any (idle) and d.token_address = any (stirred_tokens)
    );
    -- Only now, since whoever had a wallet before may have traded with it.
    if quiet > 0 then
        -- Fewer: a stop has come to its price, or somebody traded meanwhile.
        acts := book.move_peaks(stirred_tokens, idle, at, since) < quiet or acts;
    end if;
    if not acts and cardinality(stirred) = cardinality(idle) then
        return 0;
    end if;
    reviews := array(select k from book.review_positions(stirred_tokens, idle, at, since) as k);
    delete from public.position_actions as d where d.id = any (due);
    if cardinality(stirred) > cardinality(idle) or exists (select from unnest(reviews) as k where k.place > 1) then
        perform book.put_off_reviews(
            stirred_tokens,
            -- Those that are looked at again have their rows, as has each price that comes meanwhile.
            array(
                select w from unnest(stirred) as w where wallets is null
                except
                select w from unnest(idle) as w
            ),
            reviews,
            at,
            since
        );
        reviews := array(select k from unnest(reviews) as k where k.place = 1);
    end if;

    update public.agent_positions as p
    set
        peak_price = (k.verdict).peak_price,
        lowest_price = (k.verdict).lowest_price,
        stop_loss_price = (k.verdict).stop_loss_price,
        current_stop_loss_percentage = (k.verdict).stop_percent,
        last_stop_loss_update = at,
        take_profit_base = coalesce(p.take_profit_base, p.remaining_amount),
        take_profit_levels_done = case
            when (k.verdict).rule = 'take_profit' then p.take_profit_levels_done else (k.verdict).levels_done
        end,
        moon_bag_amount = case
            when (k.verdict).rule = 'take_profit' then p.moon_bag_amount else (k.verdict).moon_bag
        end,
        dca_skipped_at = case
            when (k.verdict).rule = 'dca' and (k.verdict).amount is null then at else p.dca_skipped_at
        end,
        quiet_from = (k.verdict).quiet_from,
        quiet_to = (k.verdict).quiet_to,
        quiet_until = (k.verdict).quiet_until
    from unnest(reviews) as k
    where p.agent_id = (k.p).agent_id and p.id = (k.p).id;

    reviews := array(select k from unnest(reviews) as k where (k.verdict).rule is not null);
    actions := cardinality(reviews);
    if actions > 0 then
        facts := book.facts_of_reviews(reviews, at);
        failures := (
            select coalesce(jsonb_object_agg(f.fact_id, jsonb_build_array(f.error, f.explanation)), '{}')
            from book.fill_simulated(facts) as f
        );
        perform book.order_actions(reviews, at);
        perform book.store_actions(reviews, failures, at);
    end if;
    return actions;
end
$$;

comment on function book.apply_rules(text[], timestamptz, text[], jsonb) is
'Holds the rules of all agents against their positions in some tokens, and wallets (NULL: all), at the latest prices,
and does what they say; how many actions there were. at: now.';
