-- A line of how the gain of a historical swap came about.
create type api.explanation_lines as (
    line bigint,
    section text,
    what text,
    "transactionId" uuid,
    "transactionTime" api.time_text,
    amount api.decimal_text,
    "valueSol" api.decimal_text,
    "valueUsd" api.decimal_text,
    "heldAmount" api.decimal_text,
    "heldCostSol" api.decimal_text,
    "heldCostUsd" api.decimal_text
);

comment on type api.explanation_lines is
'A line of how the gain of a historical swap came about.';
