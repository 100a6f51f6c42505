-- Ends an order that an executor could not execute. The same again changes nothing.
--
-- request: {"error"}. What it was about is decided anew at the next price, where the rules still say so.
create function book.fail_order(owner uuid, trade_order uuid, request jsonb, at timestamptz)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    o public.trade_orders;
begin
    perform book.check_request(request, 'fail_order');
    o := book.take_order(owner, trade_order);
    is_replayed := o.status = 'failed';
    if is_replayed and o.error <> request ->> 'error' then
        perform book.refuse('repeat_differs', 'error', 'the order has failed for another reason');
    elsif o.status not in ('claimed', 'failed') then
        perform book.refuse('order_not_open', 'id', format('the order is %s', o.status));
    elsif not is_replayed then
        update public.trade_orders as k
        set
            status = 'failed',
            error = request ->> 'error',
            updated_at = at
        where k.id = o.id;
        perform book.end_orders(array[o.id], at);
    end if;
    document := (select row_to_json(k) from api.trade_orders as k where k.id = o.id);
    return next;
end
$$;

comment on function book.fail_order(uuid, uuid, jsonb, timestamptz) is
'Ends an order that an executor claimed and could not execute: it as a document, and whether that had been said before.
at: now. Raises not_found (TB007), order_not_open (TB041), repeat_differs (TB008).';
