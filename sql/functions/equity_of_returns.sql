-- What 1 becomes by a sequence of returns, and how far below its highest it stands after each of them.
create function book.equity_of_returns(returns numeric[])
returns table (
    place bigint,
    return_ratio numeric,
    equity_index_ratio numeric,
    drawdown_ratio numeric
)
language sql
immutable
as $$
    select
        e.place,
        e.return_ratio,
        e.equity_index,
        round(e.equity_index / greatest(1, max(e.equity_index) over (order by e.place)) - 1, 18)
    from (
        select
            r.place,
            r.return_ratio,
            book.product(1 + r.return_ratio) over (order by r.place) as equity_index
        from unnest(returns) with ordinality as r (return_ratio, place)
    ) as e
$$;

comment on function book.equity_of_returns(numeric[]) is
'A row for each return, in order: the return, the product of (1 + return) so far (30 decimals), and that over its
highest so far, less 1 (18 decimals); the highest begins with the starting 1. A return of NULL leaves the index as it is.';
