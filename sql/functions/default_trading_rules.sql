-- What the rules of an agent go by that has no trading config of its own. Changes with the code alone, so that a plan
-- has it as a constant.
create function book.default_trading_rules()
returns jsonb
language plpgsql
immutable
parallel safe
as $$
begin
    return book.trading_rules(null);
end
$$;

comment on function book.default_trading_rules() is
'What the rules of an agent go by that has no trading config of its own: book.trading_rules(NULL).';
