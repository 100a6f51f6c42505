-- Whose rows each role sees and writes. Forced, so that the tables' owner is held to a policy too.
do $$
declare
    prefix constant text := current_setting('tradebook.role_prefix');
    owner constant text := prefix || '_owner';
    book constant text := prefix || '_book';
    api constant text := prefix || '_api';
    bi constant text := prefix || '_bi';
    jobs constant text := prefix || '_jobs';
    feed constant text := prefix || '_feed';
    -- In a subquery, so that it is evaluated once. A setting that was used before is '', not NULL.
    user_of_api constant text := '(select nullif(current_setting(''tradebook.user_id'', true), '''')::uuid)';
    -- Anyone could set a setting: a login is looked up.
    user_of_bi constant text := '(select l.user_id from public.bi_logins as l where l.login = current_user)';
    unlisted text;
    t record;
    rows_of_api text;
    rows_of_bi text;
begin
    select string_agg(c.oid::regclass::text, ', ') into unlisted
    from pg_catalog.pg_class as c
    where
        c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
        and c.relname not in (select k.table_name from report.table_classes as k)
        and not exists (
            select from pg_catalog.pg_depend as d
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
        )
        -- Another program's, which the login cannot even change.
        and c.relowner = owner::regrole;
    if unlisted is not null then
        raise exception 'table % is not in report.table_classes, which says whose rows it holds', unlisted
            using hint = 'add it to sql/views/table_classes.sql; sql/grants follows from that';
    end if;

    for t in
        select
            k.table_name,
            k.belongs_to,
            c.relrowsecurity and c.relforcerowsecurity as is_secured,
            exists (
                select from pg_catalog.pg_attribute as a
                where a.attrelid = c.oid and a.attname = 'agent_id' and not a.attisdropped
            ) as has_agent
        from report.table_classes as k
        inner join pg_catalog.pg_class as c on c.oid = format('public.%I', k.table_name)::regclass
    loop
        if not t.is_secured then
            execute format(
                'alter table public.%I enable row level security, force row level security', t.table_name
            );
        end if;
        execute format('create policy owner on public.%I to %I using (true)', t.table_name, owner);
        if t.belongs_to = 'operator' then
            execute format('create policy jobs on public.%I to %I using (true)', t.table_name, jobs);
            execute format('create policy book on public.%I to %I using (true)', t.table_name, book);
            continue;
        end if;

        rows_of_api := case t.belongs_to
            when 'itself' then 'id = ' || user_of_api
            when 'user' then 'user_id = ' || user_of_api
            when 'user or everyone' then '(user_id is null or user_id = ' || user_of_api || ')'
            -- The agents that a policy of theirs shows.
            when 'agent' then 'agent_id = any (array(select a.id from public.agents as a))'
            when 'everyone' then 'true'
        end;
        rows_of_bi := case
            when t.belongs_to = 'login' then 'login = current_user'
            -- A person states no agent, and this finds the rows by the index that requests use.
            when t.belongs_to = 'user' and t.has_agent then 'agent_id = any (array(select a.id from public.agents as a))'
            else replace(rows_of_api, user_of_api, user_of_bi)
        end;
        if t.belongs_to <> 'login' then
            execute format('create policy book on public.%I to %I using (true)', t.table_name, book);
            execute format(
                'create policy api on public.%I for %s to %I using (%s)',
                t.table_name,
                case when t.belongs_to in ('user or everyone', 'everyone') then 'select' else 'all' end,
                api,
                rows_of_api
            );
        end if;
        execute format('create policy bi on public.%I for select to %I using (%s)', t.table_name, bi, rows_of_bi);
        if t.belongs_to not in ('login', 'itself') and t.table_name not in ('api_keys', 'sessions') then
            execute format('create policy jobs on public.%I for select to %I using (true)', t.table_name, jobs);
        end if;
    end loop;

    -- A signal for everyone is the operator's.
    execute format(
        'create policy api_writes on public.trading_signals to %I using (user_id = %s)', api, user_of_api
    );
    execute format('create policy feed on public.trading_signals to %I using (user_id is null)', feed);
    execute format('create policy feed on public.token_prices to %I using (true)', feed);
    execute format('create policy feed on public.settings for select to %I using (true)', feed);

    -- No user makes himself the operator.
    execute format(
        'create policy api_grants_no_feed on public.api_keys as restrictive for insert to %I '
        'with check (array_position(scopes, ''feed'') is null)',
        api
    );
    -- The key of the table would tell that another user's signal is there.
    execute format(
        'create policy api_sees_the_signal on public.signal_executions as restrictive for %s to %I '
        'with check (exists (select from public.trading_signals as s where s.id = signal_id))',
        'insert', api
    );
    execute format(
        'create policy api_still_sees_the_signal on public.signal_executions as restrictive for %s to %I '
        'using (true) with check (exists (select from public.trading_signals as s where s.id = signal_id))',
        'update', api
    );

    -- One for a role without any right on its table would never be asked.
    for t in
        select
            p.tablename as table_name,
            p.policyname as policy_name
        from pg_catalog.pg_policies as p
        cross join lateral unnest(p.roles) as r (role_name)
        where
            p.schemaname = 'public'
            and r.role_name in (book, api, bi, jobs, feed)
            and not has_any_column_privilege(
                r.role_name, format('public.%I', p.tablename), 'select, insert, update'
            )
            and not has_table_privilege(r.role_name, format('public.%I', p.tablename), 'delete')
    loop
        execute format('drop policy %I on public.%I', t.policy_name, t.table_name);
    end loop;
end
$$;
