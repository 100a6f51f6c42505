-- What a newer version keeps, made for books that an older one wrote.
do $$
begin
    perform book.fill_missing_totals();
end
$$;
