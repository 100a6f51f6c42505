-- Judges rows of an import one after another against what is held, then books those that can be in one statement.
--
-- See book.import_transactions for the arguments and the answer. The caller holds the locks of the wallets. What only
-- the table or the fold can refuse is raised, and nothing is booked.
create function book.import_part(owner uuid, rows jsonb, price_source text, shortfall text)
returns table (file text, line int, outcome text, error text, explanation text, shortfalls int)
language plpgsql
volatile
as $$
declare
    r jsonb;
    t public.agent_transactions;
    leg record;
    key text;
    short numeric;
    deposits public.agent_transactions[];
    facts public.agent_transactions[] := '{}';
    -- What the rows accepted so far change, by wallet and token.
    changed jsonb := '{}';
    wallet text;
    hint text;
    message text;
    broken_constraint text;
    broken_column text;
begin
    for r in select e.value from jsonb_array_elements(rows) with ordinality as e order by e.ordinality loop
        file := r ->> 'file';
        line := r ->> 'line';
        outcome := 'booked';
        error := null;
        explanation := null;
        shortfalls := 0;
        begin
            perform book.check_fields(r -> 'transaction', null, array['walletAddress']);
            wallet := book.json_text(r -> 'transaction', 'walletAddress', 44);
            t := book.transaction_from_json(
                (r -> 'transaction') || jsonb_build_object('agentId', book.import_wallet(owner, wallet))
            );
            t.id := book.id_from(concat_ws(' ', 'import', r ->> 'identity', r ->> 'occurrence'));
            t.leg := case when t.transaction_hash is null then 1 else (r ->> 'occurrence')::int end;
            if book.booked_already(t, owner) is not null then
                outcome := 'already there';
            else
                t.origin := 'import';
                t := book.complete_transaction(t, clock_timestamp(), price_source, null);
                deposits := '{}';
                for leg in
                    select
                        l.token_address,
                        sum(l.change) as change
                    from book.balance_legs(t) as l
                    group by l.token_address
                    having sum(l.change) < 0
                    order by l.token_address = book.sol_mint() desc
                loop
                    short := -leg.change
                        - coalesce((changed ->> (wallet || ' ' || leg.token_address))::numeric, 0)
                        - book.available_at(t.agent_id, wallet, leg.token_address, t.transaction_time);
                    if short > 0 and shortfall = 'refuse' then
                        perform book.refuse(
                            case leg.token_address
                                when book.sol_mint() then 'insufficient_balance' else 'insufficient_holding'
                            end,
                            'input_amount',
                            format('%s of %s are missing', book.plain_number(short), leg.token_address)
                        );
                    elsif short > 0 then
                        deposits := deposits || book.shortfall_deposit(t, leg.token_address, short, price_source);
                    end if;
                end loop;
                shortfalls := cardinality(deposits);
                foreach t in array deposits || t loop
                    facts := facts || t;
                    for leg in select l.token_address, l.change from book.balance_legs(t) as l loop
                        key := wallet || ' ' || leg.token_address;
                        changed := changed || jsonb_build_object(
                            key, coalesce((changed ->> key)::numeric, 0) + leg.change
                        );
                    end loop;
                end loop;
            end if;
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
                outcome := 'refused';
                select f.error, f.explanation into error, explanation
                from book.refusal_of(sqlstate, hint, message, broken_constraint, broken_column) as f;
                shortfalls := 0;
        end;
        return next;
    end loop;
    perform book.insert_transactions(facts);
end
$$;

comment on function book.import_part(uuid, jsonb, text, text) is
'Judges rows of an import in order and books those that can be in one statement; see book.import_transactions.';
