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
comment on column api.explanation_lines.line is 'Number of the line, from 1.';
comment on column api.explanation_lines.section is 'cost, release or gain: report.explain_swap says what each is.';
comment on column api.explanation_lines.what is 'What the line is about.';
comment on column api.explanation_lines."transactionId" is 'The transaction; NULL for a sum.';
comment on column api.explanation_lines."transactionTime" is 'Its time; NULL for a sum.';
comment on column api.explanation_lines.amount is 'Whole tokens; NULL where the line is about none.';
comment on column api.explanation_lines."valueSol" is
'What the line adds to its section, SOL; NULL where it adds nothing.';
comment on column api.explanation_lines."valueUsd" is 'The same in USD; NULL where it adds nothing.';
comment on column api.explanation_lines."heldAmount" is 'Tokens held after the line; NULL outside the section cost.';
comment on column api.explanation_lines."heldCostSol" is 'Their cost in SOL; NULL outside the section cost.';
comment on column api.explanation_lines."heldCostUsd" is 'Their cost in USD; NULL outside the section cost.';
