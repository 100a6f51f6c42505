-- Who may do what with which table, column and function. Whose rows, is said by the policies.
do $$
declare
    prefix constant text := current_setting('tradebook.role_prefix');
    owner constant text := prefix || '_owner';
    book constant text := prefix || '_book';
    api constant text := prefix || '_api';
    bi constant text := prefix || '_bi';
    jobs constant text := prefix || '_jobs';
    feed constant text := prefix || '_feed';
    everyone constant text := format('%I, %I, %I, %I, %I', book, api, bi, jobs, feed);
    derived constant text := (
        select string_agg(format('public.%I', c.table_name), ', ') from report.table_classes as c where c.is_derived
    );
    routines text;
begin
    -- What an earlier version granted, and what PostgreSQL grants to everyone by itself.
    execute 'revoke all on all tables in schema public, book, report, api, jobs from public, ' || everyone;
    execute 'revoke all on all sequences in schema public from public, ' || everyone;
    execute 'revoke all on all routines in schema book, report, api, jobs from public, ' || everyone;
    execute 'revoke all on schema book, report, api, jobs from public, ' || everyone;
    execute 'revoke create on schema public from public, ' || everyone;

    -- Schemas and views
    execute 'grant usage on schema public, book, report to ' || everyone;
    execute 'grant select on all tables in schema report, book to ' || everyone;
    execute format('grant usage on schema api to %I, %I', book, api);
    execute format('grant select on all tables in schema api to %I, %I', book, api);
    execute format('grant usage on schema jobs to %I', jobs);

    -- What all may read
    execute 'grant select on public.settings, public.token_prices to ' || everyone;

    -- The book: it alone writes what is derived, and marks facts.
    execute format('grant select, insert, update, delete on %s to %I', derived, book);
    execute format('grant select, insert, update on public.agent_transactions to %I', book);
    execute format('grant select on public.trading_signals, public.api_keys to %I', book);
    -- Logins: it alone reads and writes what they are checked by.
    execute format(
        'grant select, insert (email, password_hash), update (password_hash, failed_login_attempts, locked_until) '
        'on public.users to %I',
        book
    );
    execute format('grant select, insert, update, delete on public.sessions, public.request_counts to %I', book);
    -- What agents do with signals and prices
    execute format('grant select, insert, update, delete on public.signal_executions to %I', book);
    -- A lock on a row needs the right to change it.
    execute format('grant select, update on public.agents, public.agent_wallets to %I', book);
    execute format('grant update (only_row) on public.settings to %I', book);

    -- The HTTP service, as one user at a time. (One statement inserts facts and corrections: a trigger refuses corrects
    -- to all but the book.)
    execute format('grant select on %s, public.agent_transactions, public.users to %I', derived, api);
    execute format(
        'grant insert ('
        'id, agent_id, wallet_address, transaction_type, transaction_value_usd, transaction_time, destination_address, '
        'signal_id, fees, routes, input_mint, input_symbol, input_amount, input_price, output_mint, output_symbol, '
        'output_amount, output_price, slippage, price_impact, transaction_hash, swap_payload, leg, fees_sol, fees_usd, '
        'value_sol, value_usd, value_is_unknown, sol_usd_price, sol_usd_price_source, sol_usd_price_age, '
        'close_reason, origin, ledger_order, corrects'
        '), update (routes, swap_payload, slippage, price_impact, transaction_hash) '
        'on public.agent_transactions to %I',
        api
    );
    -- A batch draws the places of its rows before it inserts them.
    execute format('grant usage on sequence public.agent_transactions_ledger_order_seq to %I, %I', book, api);
    execute format(
        'grant select, delete, insert (id, user_id, name, trading_mode, automated_trading_simulation, '
        'automated_trading_live, trading_config, simulation_slippage_bps, simulation_fee_lamports), '
        'update (name, trading_mode, automated_trading_simulation, automated_trading_live, trading_config, '
        'simulation_slippage_bps, simulation_fee_lamports) on public.agents to %I',
        api
    );
    execute format(
        'grant select, delete, insert (wallet_address, agent_id, wallet_type), update (wallet_type) '
        'on public.agent_wallets to %I',
        api
    );
    execute format(
        'grant select, delete, insert (id, user_id, name, key_hash, key_prefix, scopes), update (name) '
        'on public.api_keys to %I',
        api
    );
    execute format(
        'grant select, delete, '
        'insert (token_address, symbol, signal_type, activation_reason, signal_strength, source, user_id, '
        'idempotency_key, market_cap_usd, liquidity_usd, holder_count), '
        'update (token_address, symbol, signal_type, activation_reason, signal_strength, source, market_cap_usd, '
        'liquidity_usd, holder_count) '
        'on public.trading_signals to %I',
        api
    );
    execute format('grant select, insert, update, delete on public.signal_executions to %I', api);
    execute format('grant usage on sequence public.trading_signals_id_seq to %I, %I', api, feed);

    -- People and BI tools: no hash of a password or key
    execute format(
        'grant select on %s, public.agent_transactions, public.agents, public.agent_wallets, public.trading_signals, '
        'public.signal_executions, public.bi_logins to %I',
        derived, bi
    );
    execute format('grant select (id, email, created_at) on public.users to %I', bi);
    execute format('grant select (id, user_id, name, key_prefix, scopes, created_at) on public.api_keys to %I', bi);

    -- Schedulers
    execute format(
        'grant select on %s, public.agent_transactions, public.agents, public.agent_wallets, public.trading_signals, '
        'public.signal_executions to %I',
        derived, jobs
    );
    execute format('grant select, insert, update, delete on public.job_runs to %I', jobs);

    -- What it tells of the installation as a whole
    execute format('grant select on public.job_runs to %I', book);
    execute format('grant usage on schema installed to %I', book);
    execute format('grant select on installed.code to %I', book);

    -- Old prices are thinned by the book.
    execute format('grant delete on public.token_prices to %I', book);

    -- The operator's sources of prices and of signals for everyone
    execute format('grant insert on public.token_prices to %I', feed);
    execute format(
        'grant select, '
        'insert (token_address, symbol, signal_type, activation_reason, signal_strength, source, user_id, '
        'idempotency_key, market_cap_usd, liquidity_usd, holder_count) on public.trading_signals to %I',
        feed
    );
    execute format('grant usage on schema api to %I', feed);
    execute format('grant select on api.trading_signals, api.request_fields, api.lists to %I', feed);

    -- The owner and the book call everything.
    execute format('grant execute on all routines in schema book, report, api, jobs to %I, %I', owner, book);

    -- What runs with its caller's rights can do nothing that the caller may not do by himself.
    select string_agg(p.oid::regprocedure::text, ', ') into routines
    from pg_catalog.pg_proc as p
    where
        p.pronamespace in ('book'::regnamespace, 'report'::regnamespace)
        and not p.prosecdef and p.prorettype <> 'trigger'::regtype;
    execute format('grant execute on routine %s to %s', routines, everyone);
    execute format('grant execute on all routines in schema api to %I', api);
    execute format('grant execute on all routines in schema jobs to %I', jobs);

    -- What runs with the book's rights, each by its name.
    select string_agg(f.name, ', ') into routines
    from unnest(array[
        'book.find_api_keys(text)',
        'book.number_events(int)',
        'book.installed_code()',
        'book.ledger_figures(timestamptz)',
        'book.job_figures(timestamptz)',
        'book.find_api_key(uuid, text)',
        'book.find_session(uuid, bytea, timestamptz)',
        'book.count_request(text, text[], int, interval, timestamptz)',
        'book.register(jsonb, text)',
        'book.find_login(jsonb)',
        'book.log_in(jsonb, text, boolean, uuid, bytea, bytea, timestamptz)',
        'book.refresh_session(jsonb, uuid, bytea, bytea, bytea, timestamptz)',
        'book.log_out(uuid)',
        'book.change_password(uuid, text, boolean, text, timestamptz)',
        'book.take_signals_turn(uuid)',
        'book.claim_orders(uuid, jsonb, uuid, timestamptz)',
        'book.fill_order(uuid, uuid, jsonb, timestamptz)',
        'book.fail_order(uuid, uuid, jsonb, timestamptz)',
        'book.close_position(uuid, uuid, uuid, jsonb, uuid, timestamptz)',
        'book.execute_trade(uuid, jsonb, uuid, timestamptz)',
        'book.flag_dead_token(uuid, jsonb, timestamptz)',
        'book.void_transaction(uuid, text)',
        'book.correct_transaction(uuid, jsonb, text)'
    ]) as f (name);
    execute format('grant execute on routine %s to %I', routines, api);
    execute format(
        'grant execute on routine book.take_signals_turn(uuid), book.apply_rules(text[], timestamptz, text[], jsonb), '
        'book.flag_dead_token(uuid, jsonb, timestamptz) to %I',
        feed
    );
    execute format(
        'grant execute on routine book.store_audit(text, timestamptz), '
        'book.seal_wallet(text, timestamptz, timestamptz, int) to %I',
        jobs
    );
    execute format(
        'grant execute on routine book.store_balance_snapshots(timestamptz), '
        'book.backfill_snapshots_of(text, timestamptz, timestamptz), '
        'book.prune_prices_of(text, text, timestamptz, timestamptz, int), '
        'book.number_events(int), book.prune_events(timestamptz, int), '
        'book.apply_rules(text[], timestamptz, text[], jsonb), book.act_on_pending(timestamptz), '
        'book.review_recent_prices(timestamptz), '
        'book.expire_orders(timestamptz) to %I',
        jobs
    );
end
$$;
