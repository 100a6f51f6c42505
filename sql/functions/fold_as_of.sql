-- The history of one token in one wallet as it stood: the state after each of its facts up to an instant, in the order
-- of the book.
--
-- Reads facts and the settings of now, nothing derived.
create function book.fold_as_of(
    agent uuid, wallet text, mint text, at timestamptz, known_at timestamptz
)
returns setof book.position_step
language plpgsql
stable
as $$
declare
    s public.settings;
begin
    select settings.* into s from public.settings;
    return query
    select
        f.user_id,
        f.agent_id,
        f.wallet_address::text,
        mint,
        f.token_symbol::text,
        f.ledger_order,
        f.leg,
        book.fold_positions(null, f.leg, s.dust_ratio) over history,
        lead(f.ledger_order) over history is null
    from (
        select
            t.user_id,
            t.agent_id,
            t.wallet_address,
            case when t.output_mint = mint then t.output_symbol else t.input_symbol end as token_symbol,
            t.transaction_time,
            t.ledger_order,
            book.position_leg(t, mint, s.quote_tokens) as leg
        from public.agent_transactions as t
        where
            t.agent_id = agent
            and t.wallet_address = wallet
            and (t.input_mint = mint or t.output_mint = mint)
            and t.transaction_time <= at
            and book.was_known(t.created_at, t.voided_at, known_at)
        -- Else each leg is made twice.
        offset 0
    ) as f
    window history as (order by f.transaction_time, f.ledger_order rows unbounded preceding)
    order by f.transaction_time, f.ledger_order;
end
$$;

comment on function book.fold_as_of(uuid, text, text, timestamptz, timestamptz) is
'The state after each fact of one token (not SOL) in one wallet: facts with transaction_time at or before at, as known
at known_at (NULL: now), in the order of the book.';
