-- Whether the caller speaks for the operator, to everyone: who may say what tokens cost, or is unlimited.
create function book.is_operator()
returns boolean
language plpgsql
stable
as $$
begin
    return has_table_privilege(book.caller(), 'public.token_prices', 'insert');
end
$$;

comment on function book.is_operator() is
'Whether the caller (book.caller) speaks for the operator: the role of the feed, or one that is unlimited.';
