-- Compares the balances of a wallet with those that a program sees on the chain, and, where that is asked, books what
-- is missing or too much: a DEPOSIT or WITHDRAWAL a token, all or none.
--
-- chain: [{"tokenAddress", "balance", "valueUsd"?}]; a token that is not among them is not on the chain.
-- parameters: {"apply"?}
-- An adjustment is as late as the newest transaction of the wallet: it makes up for what all of them together leave.
-- An error's column is the number of the item, from 0, and the field.
create function book.reconcile_wallet(owner uuid, wallet text, chain jsonb, parameters jsonb)
returns setof api.reconciled_tokens
language plpgsql
volatile
as $$
declare
    asked constant jsonb := book.read_parameters(parameters, 'reconcile_wallet');
    taken public.agent_wallets;
    at timestamptz;
    t record;
    adjustment public.agent_transactions;
    compared api.reconciled_tokens;
    item text;
    code text;
    hint text;
    message text;
    broken_constraint text;
    broken_column text;
begin
    perform book.check_chain_balances(chain);
    taken := book.take_wallet(owner, wallet);
    at := (
        select greatest(clock_timestamp(), max(b.last_transaction_time))
        from public.agent_balances as b
        where b.agent_id = taken.agent_id and b.wallet_address = wallet
    );
    for t in
        select
            coalesce(c.token_address, b.token_address) as token_address,
            coalesce(b.balance::numeric, 0) as booked,
            coalesce(c.balance, 0) as on_chain,
            c.value_usd,
            c.item
        from (
            select
                i.content ->> 'tokenAddress' as token_address,
                (i.content ->> 'balance')::numeric as balance,
                (i.content ->> 'valueUsd')::numeric as value_usd,
                i.place - 1 as item
            from jsonb_array_elements(chain) with ordinality as i (content, place)
        ) as c
        full outer join (
            select
                k.token_address,
                k.balance
            from public.agent_balances as k
            where k.agent_id = taken.agent_id and k.wallet_address = wallet and k.balance <> '0'
        ) as b on b.token_address = c.token_address
        order by c.item, b.token_address
    loop
        compared := (
            t.token_address,
            book.plain_number(t.booked),
            book.plain_number(t.on_chain),
            book.plain_number(t.on_chain - t.booked),
            null
        );
        if coalesce((asked ->> 'apply')::boolean, false) and t.on_chain <> t.booked then
            adjustment.id := gen_random_uuid();
            adjustment.agent_id := taken.agent_id;
            adjustment.wallet_address := wallet;
            adjustment.transaction_type := case when t.on_chain > t.booked then 'DEPOSIT' else 'WITHDRAWAL' end;
            adjustment.transaction_time := at;
            adjustment.input_mint := t.token_address;
            adjustment.input_amount := abs(t.on_chain - t.booked);
            adjustment.value_usd := t.value_usd;
            adjustment.origin := 'api';
            adjustment.swap_payload := jsonb_build_object(
                'reconciliation', jsonb_build_object('bookedBalance', t.booked::text, 'chainBalance', t.on_chain::text)
            );
            begin
                perform book.insert_transactions(array[adjustment]);
            exception
                when others then
                    get stacked diagnostics
                        code = returned_sqlstate,
                        hint = pg_exception_hint,
                        message = message_text,
                        broken_constraint = constraint_name,
                        broken_column = column_name;
                    if not book.is_refusal(code) then
                        raise;
                    end if;
                    select
                        f.error,
                        concat_ws('/', t.item, f.subject)
                    into hint, item
                    from book.refusal_of(code, hint, message, broken_constraint, broken_column) as f;
                    raise exception using
                        errcode = code, message = message, hint = concat_ws(': ', hint, item), column = item;
            end;
            compared.transaction := (select row_to_json(k) from api.transactions as k where k.id = adjustment.id);
        end if;
        return next compared;
    end loop;
end
$$;

comment on function book.reconcile_wallet(uuid, text, jsonb, jsonb) is
'What the book and the chain have of each token of a user''s wallet, and, with apply, the transactions that made up for
the differences. Raises not_found (TB007), value_required (TB001) where a token arrived that has neither a value nor a
price, and what book.check_chain_balances and book.read_parameters raise.';
