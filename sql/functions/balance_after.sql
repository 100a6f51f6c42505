-- A balance after a change, as it is stored; below zero is refused.
create function book.balance_after(balance text, change numeric, wallet text, mint text)
returns text
language plpgsql
stable
as $$
declare
    held constant numeric := coalesce(balance::numeric, 0);
begin
    if held + change < 0 then
        perform book.refuse('insufficient_balance', 'input_amount', format(
            'wallet %s holds %s of %s and would be %s short',
            wallet, book.plain_number(held), mint, book.plain_number(-held - change)
        ));
    end if;
    return book.plain_number(held + change);
end
$$;

comment on function book.balance_after(text, numeric, text, text) is
'The balance after a change, as text. Raises insufficient_balance (TB002) below zero.';
