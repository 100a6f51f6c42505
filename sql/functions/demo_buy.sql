-- A buy of a demo agent at the price of that hour, for 0.5 to 2.5 SOL.
create function book.demo_buy(owner uuid, agent int, name text, at timestamptz, mint text, n int)
returns public.agent_transactions
language plpgsql
stable
as $$
declare
    t public.agent_transactions := book.demo_fact(owner, agent, name, 'SWAP', at);
    price constant numeric := book.demo_price(mint, at);
begin
    t.input_mint := book.sol_mint();
    t.input_amount := 0.5 + book.chance('size ' || agent || name) * 0.000002;
    t.output_mint := mint;
    t.output_symbol := book.demo_symbol(n);
    t.output_amount := trunc(t.input_amount / price, 6);
    t.output_price := price;
    t.fees_sol := 0.000005 + book.chance('fee ' || agent || name) * 0.000000001;
    return t;
end
$$;

comment on function book.demo_buy(uuid, int, text, timestamptz, text, int) is
'A buy of a demo agent at the known price, 0.5 to 2.5 SOL.';
