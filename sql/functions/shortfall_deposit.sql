-- The DEPOSIT that an import makes for what its file does not explain: just before the transaction, of what is short.
--
-- SOL is worth itself; a token is worth its share of what the transaction is worth before fees.
create function book.shortfall_deposit(
    t public.agent_transactions, mint text, short numeric, price_source text
)
returns public.agent_transactions
language plpgsql
stable
as $$
declare
    d public.agent_transactions;
begin
    d.id := book.id_from(t.id || ' shortfall ' || mint);
    d.agent_id := t.agent_id;
    d.wallet_address := t.wallet_address;
    d.transaction_type := 'DEPOSIT';
    d.transaction_time := t.transaction_time;
    d.input_mint := mint;
    d.input_symbol := case when mint = t.input_mint then t.input_symbol end;
    d.input_amount := short;
    d.value_sol := case
        when mint = book.sol_mint() then short
        else book.round_quotient(t.value_sol * short, t.input_amount)
    end;
    d.origin := 'import_shortfall';
    return book.value_transaction(d, price_source, null);
end
$$;

comment on function book.shortfall_deposit(public.agent_transactions, text, numeric, text) is
'The DEPOSIT of what is short for a transaction, valued at its share of it. Raises value_required (TB001).';
