-- The symbol of a mint as the wallet knows it, else the first 8 characters of the mint.
create function book.symbol_of(wallet text, mint text)
returns text
language sql
stable
as $$
    select case
        when mint = book.sol_mint() then 'SOL'
        else coalesce(
            (
                select b.token_symbol
                from public.agent_balances as b
                where b.wallet_address = wallet and b.token_address = mint
            ),
            left(mint, 8)
        )
    end
$$;

comment on function book.symbol_of(text, text) is
'The symbol of a mint as the wallet last saw it; SOL for SOL; else the first 8 characters of the mint.';
