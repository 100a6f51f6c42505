-- The transactions of what rules do in simulation wallets. The caller holds the locks of the wallets.
create function book.facts_of_reviews(reviews book.reviewed_position[], at timestamptz)
returns public.agent_transactions[]
language plpgsql
stable
as $$
declare
    s public.settings;
    sol_price_is_known boolean;
    k book.reviewed_position;
    fact public.agent_transactions;
    facts public.agent_transactions[] := '{}';
begin
    select settings.* into s from public.settings;
    sol_price_is_known := book.price_at(book.sol_mint(), s.price_source, at, s.price_max_age) is not null;
    foreach k in array reviews loop
        continue when k.fact_id is null or k.wallet_type <> 'simulation';
        fact := book.simulated_swap(
            k.fact_id,
            (k.p).agent_id,
            (k.p).wallet_address,
            (k.p).token_address,
            (k.p).token_symbol,
            case (k.verdict).rule when 'dca' then 'buy' else 'sell' end,
            (k.verdict).amount,
            k.price_sol,
            case when not sol_price_is_known then k.usd_per_sol end,
            k.slippage_bps,
            k.fee_lamports,
            -- After all that it is about.
            greatest(at, k.last_time)
        );
        fact.close_reason := case when (k.verdict).rule <> 'dca' then (k.verdict).rule end;
        facts := facts || fact;
    end loop;
    return facts;
end
$$;

comment on function book.facts_of_reviews(book.reviewed_position[], timestamptz) is
'The transactions of what rules do in simulation wallets: sales, and DCA buys. at: now.';
