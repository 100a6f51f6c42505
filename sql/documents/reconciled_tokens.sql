-- What the book and the chain have of a token in a wallet.
create type api.reconciled_tokens as (
    "tokenAddress" text,
    "bookedBalance" api.decimal_text,
    "chainBalance" api.decimal_text,
    difference api.decimal_text,
    transaction api.transactions_json
);

comment on type api.reconciled_tokens is 'What the book and the chain have of a token in a wallet.';
comment on column api.reconciled_tokens."tokenAddress" is 'Mint of the token.';
comment on column api.reconciled_tokens."bookedBalance" is 'Whole tokens that the book has.';
comment on column api.reconciled_tokens."chainBalance" is
'Whole tokens that the request has; 0 where it has no such token.';
comment on column api.reconciled_tokens.difference is 'chainBalance less bookedBalance.';
comment on column api.reconciled_tokens.transaction is
'The DEPOSIT or WITHDRAWAL that made up for the difference; NULL where there is none, or it was not to be booked.';
