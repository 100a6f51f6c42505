-- The transaction of a simulated trade: at a price, less the slippage and the fee of its agent, which it tells.
--
-- side: buy (amount is SOL that is given) or sell (whole tokens that are given). price: SOL per token. usd_per_sol:
-- what the value in USD is by; NULL is the SOL/USD price of the book.
create function book.simulated_swap(
    id uuid,
    agent uuid,
    wallet text,
    mint text,
    symbol text,
    side text,
    amount numeric,
    price numeric,
    usd_per_sol numeric,
    slippage_bps int,
    fee_lamports bigint,
    at timestamptz
)
returns public.agent_transactions
language plpgsql
stable
as $$
declare
    t public.agent_transactions;
    received numeric;
    value_usd numeric;
begin
    t.id := id;
    t.agent_id := agent;
    t.wallet_address := wallet;
    t.transaction_type := 'SWAP';
    t.transaction_time := at;
    if side = 'buy' then
        received := book.round_quotient(amount * 10000, price * (10000 + slippage_bps));
        t.input_mint := book.sol_mint();
        t.output_mint := mint;
        t.output_symbol := left(symbol, 20);
    else
        received := round(amount * price * (10000 - slippage_bps) / 10000, 18);
        t.input_mint := mint;
        t.output_mint := book.sol_mint();
    end if;
    t.input_amount := amount;
    if received < power(10::numeric, 20) then
        t.output_amount := received;
        t.value_sol := case side when 'buy' then amount else received end;
    end if;
    value_usd := round(t.value_sol * usd_per_sol, 18);
    if value_usd < power(10::numeric, 12) then
        t.value_usd := value_usd;
    end if;
    t.fees_sol := fee_lamports * 0.000000001;
    t.slippage := slippage_bps * 0.01;
    t.swap_payload := jsonb_build_object('simulation', jsonb_build_object(
        'priceSol', book.plain_number(price), 'slippageBps', slippage_bps, 'feeLamports', fee_lamports
    ));
    t.origin := 'simulation';
    return t;
end
$$;

comment on function book.simulated_swap(
    uuid, uuid, text, text, text, text, numeric, numeric, numeric, int, bigint, timestamptz
) is
'The transaction of a simulated trade at a price (SOL per token), less slippage (hundredths of a percent) and fee
(lamports). side buy gives amount SOL, sell gives amount tokens.';
