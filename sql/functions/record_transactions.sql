-- Books up to 10,000 transactions that a program states, in their order: all or none, or each by itself.
--
-- requests: an array of what record_transaction takes. each: false books all in one statement, judged at its end, so
-- that a sale may come before its buy, and refuses all where one is refused; the error's column is then the number of
-- that item, from 0, and the field. true books one after the other and answers what became of each.
create function book.record_transactions(owner uuid, requests jsonb, each boolean)
returns table (
    item int, document json, is_replayed boolean, error text, explanation text, subject text
)
language plpgsql
volatile
-- By their keys alone rows are looked up below, and planning would take longer than that.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
begin
    if jsonb_typeof(requests) is distinct from 'array' then
        perform book.refuse('field_not_valid', null, 'the transactions have to be an array');
    elsif jsonb_array_length(requests) not between 1 and 10000 then
        perform book.refuse('field_not_valid', null, format(
            'the array has to hold 1 to 10000 transactions, not %s', jsonb_array_length(requests)
        ));
    end if;
    -- The wallets of all, first and in one order: so no two of these can wait for each other.
    perform book.lock_wallets(array(
        select distinct e.value ->> 'walletAddress' from jsonb_array_elements(requests) as e
        where jsonb_typeof(e.value) = 'object'
    ));
    if each then
        return query select r.* from book.record_each(owner, requests) as r;
    else
        return query
        select
            r.item,
            r.document,
            r.is_replayed,
            null::text,
            null::text,
            null::text
        from book.record_together(owner, requests) as r;
    end if;
end
$$;

comment on function book.record_transactions(uuid, jsonb, boolean) is
'Books 1 to 10,000 transactions of a user in order, all or none, or (each) one by one: a row per item, from 0, with the
transaction as a document and whether it had been booked before, or else the error''s name, words and field.';
