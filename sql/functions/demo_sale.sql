-- A sale of a demo agent at the price of that hour.
create function book.demo_sale(
    owner uuid, agent int, name text, at timestamptz, mint text, n int, amount numeric, reason text
)
returns public.agent_transactions
language plpgsql
stable
as $$
declare
    t public.agent_transactions := book.demo_fact(owner, agent, name, 'SWAP', at);
    price constant numeric := book.demo_price(mint, at);
begin
    t.input_mint := mint;
    t.input_symbol := book.demo_symbol(n);
    t.input_amount := amount;
    t.input_price := price;
    t.output_mint := book.sol_mint();
    t.output_amount := trunc(amount * price, 9);
    t.fees_sol := 0.000005 + book.chance('fee ' || agent || name) * 0.000000001;
    t.close_reason := reason;
    return t;
end
$$;

comment on function book.demo_sale(uuid, int, text, timestamptz, text, int, numeric, text) is
'A sale of a demo agent at the known price.';
