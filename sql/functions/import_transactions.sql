-- Books a part of an import: rows of one user's files, in order. Called once for each part, each in a transaction of
-- its own, so that an import that was stopped is completed by running it again.
--
-- rows: an array of {"file", "line", "identity", "occurrence", "transaction"}: identity is what tells a row from others
-- (the leg of its on-chain transaction, or all that its line says), occurrence numbers those that are equal in it;
-- transaction is what book.transaction_from_json takes, without id and agentId.
-- Prices count whatever their age. shortfall: refuse, or deposit (book.shortfall_deposit).
-- Answers each row's outcome: booked, already there or refused, with the error's name and words.
create function book.import_transactions(owner uuid, rows jsonb, price_source text, shortfall text)
returns table (file text, line int, outcome text, error text, explanation text, shortfalls int)
language plpgsql
volatile
as $$
declare
    half constant int := jsonb_array_length(rows) / 2;
    hint text;
    message text;
    broken_constraint text;
    broken_column text;
begin
    perform book.take_wallets(owner, array(
        select distinct e.value #>> '{transaction,walletAddress}' from jsonb_array_elements(rows) as e
    ));
    begin
        return query select p.* from book.import_part(owner, rows, price_source, shortfall) as p;
        return;
    exception
        when others then
            if not book.is_refusal(sqlstate) then
                raise;
            end if;
            get stacked diagnostics
                hint = pg_exception_hint,
                message = message_text,
                broken_constraint = constraint_name,
                broken_column = column_name;
            select f.error, f.explanation into error, explanation
            from book.refusal_of(sqlstate, hint, message, broken_constraint, broken_column) as f;
    end;

    -- One of the rows cannot be booked: halving finds it, and the order stays.
    if half = 0 then
        return query select rows #>> '{0,file}', (rows #>> '{0,line}')::int, 'refused', error, explanation, 0;
        return;
    end if;
    return query
    select p.*
    from book.import_transactions(
        owner,
        jsonb_path_query_array(rows, '$[0 to $last]', jsonb_build_object('last', half - 1)),
        price_source,
        shortfall
    ) as p;
    return query
    select p.*
    from book.import_transactions(
        owner,
        jsonb_path_query_array(rows, '$[$first to last]', jsonb_build_object('first', half)),
        price_source,
        shortfall
    ) as p;
end
$$;

comment on function book.import_transactions(uuid, jsonb, text, text) is
'Books rows of an import in order and answers the outcome of each: booked, already there, refused (error, explanation),
with the number of shortfalls that were met for it. The form of a row is in the function''s file.';
