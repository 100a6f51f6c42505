-- Everything belongs to the owner role, and what runs with its owner's rights to the book's role.
--
-- In all files of this folder, a role's name is the prefix of this installation and what the role is for.
do $$
declare
    owner constant text := current_setting('tradebook.role_prefix') || '_owner';
    book constant text := current_setting('tradebook.role_prefix') || '_book';
    schemas constant text[] := array['book', 'report', 'api', 'jobs', 'installed'];
    statement text;
begin
    for statement in
        select format('alter schema %I owner to %I', n.nspname, owner)
        from pg_catalog.pg_namespace as n
        where n.nspname = any (schemas) and n.nspowner <> owner::regrole
        union all
        -- An index and the sequence of a column go with their table.
        select format('alter table %s owner to %I', c.oid::regclass, owner)
        from pg_catalog.pg_class as c
        where
            (c.relnamespace = 'public'::regnamespace or c.relnamespace::regnamespace::text = any (schemas))
            and c.relkind in ('r', 'p', 'v', 'm') and c.relowner <> owner::regrole and pg_has_role(c.relowner, 'usage')
            and not exists (
                select from pg_catalog.pg_depend as d
                where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
            )
        union all
        select format('alter type %s owner to %I', t.oid::regtype, owner)
        from pg_catalog.pg_type as t
        left join pg_catalog.pg_class as c on c.oid = t.typrelid
        where
            (t.typnamespace = 'public'::regnamespace or t.typnamespace::regnamespace::text = any (schemas))
            and (t.typtype in ('d', 'e') or c.relkind = 'c')
            and t.typowner <> owner::regrole and pg_has_role(t.typowner, 'usage')
            and not exists (
                select from pg_catalog.pg_depend as d
                where d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
            )
    loop
        execute statement;
    end loop;

    -- A function's new owner has to be one who could have made it.
    execute format('grant create on schema book to %I', book);
    for statement in
        select format(
            'alter routine %s owner to %I',
            p.oid::regprocedure,
            case
                -- The book's role may not analyze a table.
                when p.oid = 'book.analyze_grown_tables()'::regprocedure then owner
                when p.prosecdef and p.pronamespace = 'book'::regnamespace then book
                else owner
            end
        )
        from pg_catalog.pg_proc as p
        where p.pronamespace::regnamespace::text = any (schemas)
    loop
        execute statement;
    end loop;
    execute format('revoke create on schema book from %I', book);
end
$$;
