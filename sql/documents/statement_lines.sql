-- A line of the statement of a wallet.
create type api.statement_lines as (
    line bigint,
    "transactionTime" api.time_text,
    "ledgerOrder" bigint,
    "transactionId" uuid,
    "transactionType" text,
    kind text,
    "tokenAddress" text,
    "tokenSymbol" text,
    change api.decimal_text,
    balance api.decimal_text,
    "otherToken" text,
    "destinationAddress" text,
    "transactionHash" text
);

comment on type api.statement_lines is
'A line of the statement of a wallet: an opening balance, or a leg of a transaction.';
comment on column api.statement_lines.line is 'Number of the line, from 1.';
comment on column api.statement_lines."transactionTime" is 'When it was; NULL for an opening balance.';
comment on column api.statement_lines."ledgerOrder" is
'The transaction''s place among those of one time; NULL for an opening balance.';
comment on column api.statement_lines."transactionId" is 'The transaction; NULL for an opening balance.';
comment on column api.statement_lines."transactionType" is
'DEPOSIT, WITHDRAWAL, SWAP or BURN; NULL for an opening balance.';
comment on column api.statement_lines.kind is 'opening, deposit, withdrawal, burn, given, received or fee.';
comment on column api.statement_lines."tokenAddress" is 'Mint of the token.';
comment on column api.statement_lines."tokenSymbol" is 'Its symbol; NULL where none is known.';
comment on column api.statement_lines.change is
'Whole tokens that came, or, below 0, went; NULL for an opening balance.';
comment on column api.statement_lines.balance is 'Whole tokens held after the line.';
comment on column api.statement_lines."otherToken" is 'The mint on the other side of a SWAP; NULL elsewhere.';
comment on column api.statement_lines."destinationAddress" is 'Where it went; NULL where that is not told.';
comment on column api.statement_lines."transactionHash" is 'Signature of the transaction; NULL without one.';
