-- name: export_books(wallet)
-- The books as sorted lines, exact; of one wallet, or of all where wallet is null.
select b.line
from report.books as b
where :wallet::text is null or b.wallet_address = :wallet::text
order by b.line collate "C";

-- name: csv_statement(view, agent)$
-- The statement that copies a view of schema report out as CSV, of one agent or of all where that is null.
select book.csv_statement(:view::text, :agent::uuid);
