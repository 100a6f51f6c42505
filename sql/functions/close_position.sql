-- Sells all of a position: in simulation at once, at the given price or the latest; else by an order.
--
-- request: {"priceSol"?}. idempotency_key: becomes the id of the transaction or order, so that the same again answers
-- the first result. A position that another has taken the place of is refused with the id of that one. at: now.
create function book.close_position(
    owner uuid, agent uuid, position_id uuid, request jsonb, idempotency_key uuid, at timestamptz
)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    opening public.agent_transactions;
    w public.agent_wallets;
    a public.agents;
    p public.agent_positions;
    s public.settings;
    price public.token_prices;
    made uuid := idempotency_key;
    fact public.agent_transactions;
begin
    perform book.check_request(request, 'close_position');
    if book.may_act_for(owner) then
        select t.* into opening
        from public.agent_transactions as t
        where t.agent_id = agent and t.id = close_position.position_id and t.user_id = owner;
    end if;
    if opening.wallet_address is null then
        perform book.refuse('not_found', 'position_id', 'there is no such position');
    end if;
    w := book.take_wallet(owner, opening.wallet_address);
    -- What has that id already is the first result, or something else.
    select coalesce(t.close_reason = 'manual' and h.position_id = close_position.position_id, false)
    into is_replayed
    from public.agent_transactions as t
    left join public.agent_historical_swaps as h on h.agent_id = t.agent_id and h.id = t.id
    where t.agent_id = agent and t.id = made
    union all
    select o.position_id is not distinct from close_position.position_id
    from public.trade_orders as o
    where o.agent_id = agent and o.id = made;
    if not is_replayed then
        perform book.refuse('repeat_differs', 'position_id', format('%s is of something else', made));
    end if;
    is_replayed := found;
    if is_replayed and request ->> 'priceSol' is not null and (request ->> 'priceSol')::numeric is distinct from coalesce(
        (
            select (t.swap_payload #>> '{simulation,priceSol}')::numeric from public.agent_transactions as t
            where t.agent_id = agent and t.id = made
        ),
        (select o.price_sol from public.trade_orders as o where o.agent_id = agent and o.id = made)
    ) then
        perform book.refuse('repeat_differs', 'price_sol', format('%s was at another price', made));
    end if;
    if not is_replayed then
        select k.* into p
        from public.agent_positions as k
        where
            k.agent_id = agent
            and k.wallet_address = w.wallet_address
            and k.token_address = coalesce(opening.output_mint, opening.input_mint);
        if p.id is null then
            perform book.refuse('not_found', 'position_id', 'nothing is held of it any more');
        elsif p.id <> close_position.position_id then
            perform book.refuse('position_superseded', 'position_id', format('the position is %s now', p.id));
        end if;
        select k.* into a from public.agents as k where k.id = agent;
        select settings.* into s from public.settings;
        price := book.price_at(p.token_address, s.price_source, at, s.price_max_age);
        price.price_sol := coalesce((request ->> 'priceSol')::numeric, price.price_sol);
        if price.price_sol is null then
            perform book.refuse('price_required', 'price_sol', format(
                'no price of %s within %s is known', p.token_address, s.price_max_age
            ));
        end if;
        made := coalesce(made, gen_random_uuid());
        if w.wallet_type = 'simulation' then
            fact := book.simulated_swap(
                made,
                agent,
                w.wallet_address,
                p.token_address,
                p.token_symbol,
                'sell',
                p.remaining_amount,
                price.price_sol,
                null,
                a.simulation_slippage_bps,
                a.simulation_fee_lamports,
                greatest(at, (
                    select b.last_transaction_time from public.agent_balances as b
                    where b.wallet_address = p.wallet_address and b.token_address = p.token_address
                ))
            );
            fact.close_reason := 'manual';
            perform book.require_output(fact);
            perform book.insert_transactions(array[fact]);
        else
            perform book.order_sale(p, made, price.price_sol, at);
        end if;
    end if;
    document := row_to_json(row(
        (select row_to_json(t) from api.transactions as t where t."agentId" = agent and t.id = made),
        (select row_to_json(o) from api.trade_orders as o where o."agentId" = agent and o.id = made)
    )::api.closed_positions);
    return next;
end
$$;

comment on function book.close_position(uuid, uuid, uuid, jsonb, uuid, timestamptz) is
'Sells all of a user''s position, in simulation at once, else by an order: api.closed_positions, and whether it had
been done before. at: now. Raises not_found (TB007), position_superseded (TB042), price_required (TB043), order_open
(TB044), repeat_differs (TB008), and what booking raises.';
