-- The documents of the rows that a statement of book.list_statement finds: a from clause, where they are called d.
create function book.list_documents(list_name text, statement text)
returns text
language plpgsql
stable
as $$
declare
    list constant api.lists := (select l from api.lists as l where l.request = list_name);
begin
    if list.is_joined then
        return format('(%s) as p inner join api.%I as d on d.%I = p.key', statement, list.documents, list.key);
    end if;
    return format('(%s) as p cross join lateral (select (p.document).*) as d', statement);
end
$$;

comment on function book.list_documents(text, text) is
'A from clause with the rows that book.list_statement finds as p, and their documents as d.';
