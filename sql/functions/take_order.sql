-- Locks an order of a user, and its wallet before it, and answers it.
create function book.take_order(owner uuid, trade_order uuid)
returns public.trade_orders
language plpgsql
volatile
as $$
declare
    taken public.trade_orders;
begin
    if book.may_act_for(owner) then
        select o.* into taken from public.trade_orders as o where o.id = trade_order and o.user_id = owner;
    end if;
    if taken.id is null then
        perform book.refuse('not_found', 'id', 'there is no such order');
    end if;
    perform book.lock_wallets(array[taken.wallet_address]);
    select o.* into taken from public.trade_orders as o where o.id = trade_order and o.user_id = owner for update;
    if taken.id is null then
        perform book.refuse('not_found', 'id', 'there is no such order');
    end if;
    return taken;
end
$$;

comment on function book.take_order(uuid, uuid) is
'Locks an order of a user and its wallet until the end of the transaction; it. Raises not_found (TB007).';
