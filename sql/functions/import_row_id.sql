-- The id of an imported row: it follows from what identifies the row in its file, so that a second import finds it.
--
-- With an on-chain signature that is the leg of that transaction; without, all that the row says. occurrence numbers
-- the rows of the files that are equal in this.
create function book.import_row_id(t public.agent_transactions, occurrence int)
returns uuid
language sql
stable
as $$
    select book.id_from(concat_ws(
        ' ',
        'import',
        t.wallet_address,
        coalesce(
            t.transaction_hash,
            concat_ws(
                '/',
                extract(epoch from t.transaction_time),
                book.plain_number(t.input_amount),
                coalesce(book.plain_number(t.output_amount), '-'),
                coalesce(book.plain_number(t.fees_sol), '-'),
                coalesce(book.plain_number(t.value_usd), '-')
            )
        ),
        t.transaction_type,
        t.input_mint,
        coalesce(t.output_mint, '-'),
        occurrence
    ))
$$;

comment on function book.import_row_id(public.agent_transactions, int) is
'The id that an imported row always gets: from its signature, type and mints, or from all it says where it has none.';
