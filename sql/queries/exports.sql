-- name: export_books(wallet)
-- The books as sorted lines, exact; of one wallet, or of all where wallet is null.
select b.line
from report.books as b
where :wallet::text is null or b.wallet_address = :wallet::text
order by b.line collate "C";
