-- The proof for one wallet: a row for each violation of a law of the book. Empty is right.
--
-- Facts are read on one side and derived rows on the other; but for law 6, and for what counts for which total,
-- nothing here uses the code that derived them.
-- The others are in language sql, so that they are planned here and only what differs is kept.
create function book.audit_wallet(wallet text)
returns table (law int, token_address text, row_id uuid, subject text, expected numeric, actual numeric)
language plpgsql
stable
set jit = off
as $$
begin
    return query
    select
        v.law,
        v.token_address,
        v.row_id,
        v.subject,
        v.expected,
        v.actual
    from (
        select
            1 as law,
            l.*
        from book.audit_law_1(wallet) as l
        union all
        select
            2,
            l.*
        from book.audit_law_2(wallet) as l
        union all
        select
            3,
            l.*
        from book.audit_law_3(wallet) as l
        union all
        select
            4,
            l.*
        from book.audit_law_4(wallet) as l
        union all
        select
            5,
            l.*
        from book.audit_law_5(wallet) as l
        union all
        select
            6,
            l.*
        from book.audit_law_6(wallet) as l
        union all
        select
            7,
            l.*
        from book.audit_law_7(wallet) as l
    ) as v
    where v.expected is distinct from v.actual;
end
$$;

comment on function book.audit_wallet(text) is
'A row for each violation of a law of the book in one wallet; empty is right. law: its number; row_id: the row, where
the law is about one; expected: what the facts say; actual: what is stored.';
