-- What no role does by hand, those that have every privilege included.
do $$
declare
    book constant text := current_setting('tradebook.role_prefix') || '_book';
    t record;
begin
    for t in select k.table_name, k.belongs_to, k.is_derived from report.table_classes as k loop
        if t.is_derived then
            execute format(
                'create trigger %I before insert or update or delete or truncate on public.%I for each statement '
                'execute function book.tg_refuse_derived_row(%L)',
                t.table_name || '_00_derived', t.table_name, book
            );
        elsif t.belongs_to not in ('everyone', 'operator') and t.table_name <> 'agent_transactions' then
            execute format(
                'create trigger %I before truncate on public.%I for each statement '
                'execute function book.tg_refuse_truncate()',
                t.table_name || '_00_no_truncate', t.table_name
            );
        end if;
    end loop;
end
$$;
