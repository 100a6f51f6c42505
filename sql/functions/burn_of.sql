-- The transaction that burns all of a position.
create function book.burn_of(p public.agent_positions, at timestamptz)
returns public.agent_transactions
language plpgsql
volatile
as $$
declare
    t public.agent_transactions;
begin
    t.id := gen_random_uuid();
    t.agent_id := p.agent_id;
    t.wallet_address := p.wallet_address;
    t.transaction_type := 'BURN';
    t.transaction_time := at;
    t.input_mint := p.token_address;
    t.input_symbol := p.token_symbol;
    t.input_amount := p.remaining_amount;
    t.close_reason := 'dead_token';
    t.swap_payload := jsonb_build_object('positionId', p.id);
    t.origin := 'simulation';
    return t;
end
$$;

comment on function book.burn_of(public.agent_positions, timestamptz) is
'The BURN of all of a position, for a token that is worth nothing.';
