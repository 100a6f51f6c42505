-- Numbers as the HTTP service shows them, so that the catalog tells them from other texts.
create domain api.decimal_text as text;

comment on domain api.decimal_text is 'A number as a decimal string: exact, without exponent and trailing zeros.';
