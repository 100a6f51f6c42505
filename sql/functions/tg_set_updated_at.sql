-- Before update, each row: updated_at is the server's clock, whoever changes the row.
create function book.tg_set_updated_at()
returns trigger
language plpgsql
volatile
as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$$;

comment on function book.tg_set_updated_at() is 'Sets updated_at of a changed row.';
