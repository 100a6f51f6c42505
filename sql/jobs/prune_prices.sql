-- Thins prices older than settings.price_retention to the last one of each hour, at most 10,000 in a transaction.
--
-- What stays: every price that is not so old; of the older ones the last of each hour that ends with the full hour,
-- of each token and source. So the latest price of every token stays, however old; prices that are an hour or more
-- apart stay (the opening prices of 12-hour candles are not touched); and snapshots that are made later for hours long
-- past come out the same. What changes: a fact of that time that is recorded only now is valued by what has stayed, and
-- the peak of a position that is opened again is the highest of that.
--
-- To be called outside a transaction, as often as one likes.
create procedure jobs.prune_prices(at timestamptz)
language plpgsql
as $$
begin
    call jobs.run('prune_prices', at);
end
$$;

comment on procedure jobs.prune_prices (timestamptz) is
'Thins prices older than settings.price_retention to the last one of each hour of each token and source; to be called
outside a transaction. at: now. Raises job_running (TB017).';
