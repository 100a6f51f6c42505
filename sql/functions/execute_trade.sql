-- Buys a token for an agent's simulation wallet now, sized and checked as for a signal, but for what a signal alone
-- has: automated trading, strength, type and metrics.
--
-- request: {"agentId", "tokenAddress", "symbol"?, "amountSol"?}; amountSol makes the size smaller, never larger.
-- idempotency_key: becomes the transaction's id, so that the same again answers the first result. at: now.
create function book.execute_trade(owner uuid, request jsonb, idempotency_key uuid, at timestamptz)
returns table (document json, is_replayed boolean)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    s public.trading_signals;
    of_all public.settings;
    a public.agents;
    w public.agent_wallets;
    price public.token_prices;
    fact public.agent_transactions;
    made constant uuid := coalesce(idempotency_key, gen_random_uuid());
    rules jsonb;
    judged record;
begin
    perform book.check_request(request, 'execute_trade');
    if book.may_act_for(owner) then
        select k.* into a from public.agents as k where k.id = (request ->> 'agentId')::uuid and k.user_id = owner;
    end if;
    select k.* into w from public.agent_wallets as k where k.agent_id = a.id and k.wallet_type = 'simulation';
    if w.wallet_address is null then
        perform book.refuse('not_found', 'agent_id', 'there is no such agent with a simulation wallet');
    end if;
    w := book.take_wallet(owner, w.wallet_address);
    s.token_address := request ->> 'tokenAddress';
    s.symbol := request ->> 'symbol';
    s.signal_strength := 5;
    fact := (
        select t from public.agent_transactions as t
        where t.agent_id = a.id and t.id = idempotency_key
    );
    is_replayed := fact.id is not null;
    if is_replayed and fact.output_mint is distinct from s.token_address then
        perform book.refuse('repeat_differs', 'token_address', format('%s bought another token', idempotency_key));
    elsif is_replayed and fact.input_amount > (request ->> 'amountSol')::numeric then
        perform book.refuse('repeat_differs', 'amount_sol', format('%s bought for more', idempotency_key));
    elsif not is_replayed then
        select settings.* into of_all from public.settings;
        price := book.price_at(s.token_address, of_all.price_source, at, interval '60 seconds');
        rules := jsonb_set(
            book.merge_json(
                coalesce(a.trading_rules, book.default_trading_rules()),
                '{"signals": {"marketCapMin": null, "marketCapMax": null, "liquidityMin": null, "liquidityMax": null,
                    "holderCountMin": null, "holderCountMax": null}}'
            ),
            '{signals, allowedSignalTypes}',
            '[]'
        );
        select
            j.size,
            j.reason
        into judged
        from book.judge_signal(
            s,
            rules,
            true,
            true,
            exists (
                select from public.agent_positions as p
                where p.agent_id = a.id and p.wallet_address = w.wallet_address and p.token_address = s.token_address
                    and not p.is_dust
            ),
            (
                select count(*)::int from public.agent_positions as p
                where p.agent_id = a.id and p.wallet_address = w.wallet_address and p.managed and not p.is_dust
            ),
            book.sol_to_spend(a.id, w.wallet_address),
            price.token_address is not null,
            made::text
        ) as j;
        if judged.reason is not null then
            perform book.refuse('trade_refused', null, judged.reason || ': ' || (
                select r.about from report.decision_reasons as r where r.reason = judged.reason
            ));
        end if;
        fact := book.simulated_swap(
            made,
            a.id,
            w.wallet_address,
            s.token_address,
            s.symbol,
            'buy',
            least(judged.size, (request ->> 'amountSol')::numeric),
            price.price_sol,
            null,
            a.simulation_slippage_bps,
            a.simulation_fee_lamports,
            at
        );
        perform book.require_output(fact);
        perform book.insert_transactions(array[fact]);
    end if;
    document := (select row_to_json(t) from api.transactions as t where t."agentId" = a.id and t.id = made);
    return next;
end
$$;

comment on function book.execute_trade(uuid, jsonb, uuid, timestamptz) is
'Buys a token for an agent''s simulation wallet at the latest price, sized and checked as for a signal: the transaction
as a document, and whether it had been made before. at: now. Raises not_found (TB007), trade_refused (TB045),
repeat_differs (TB008), and what booking raises.';
