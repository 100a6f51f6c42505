-- Holds the balances that a program sees on the chain against what they may be. An error's column is the number of the
-- item, from 0, and the field.
--
-- The fields are those of chain_balance in api.request_fields, here by name, since there are up to 10,000 items.
create function book.check_chain_balances(chain jsonb)
returns void
language plpgsql
stable
as $$
declare
    item int;
    content jsonb;
    hint text;
    message text;
    wrong_field text;
begin
    if jsonb_typeof(chain) is distinct from 'array' then
        perform book.refuse('field_not_valid', null, 'the balances have to be an array');
    elsif jsonb_array_length(chain) not between 1 and 10000 then
        perform book.refuse('field_not_valid', null, format(
            'the array may hold 1 to 10000 balances, not %s', jsonb_array_length(chain)
        ));
    end if;
    begin
        for n in 0..jsonb_array_length(chain) - 1 loop
            item := n;
            content := chain -> n;
            perform book.check_fields(
                content, array['tokenAddress', 'balance', 'valueUsd'], array['tokenAddress', 'balance']
            );
            perform book.json_amount(content, 'balance', '0');
            perform book.fit(book.json_amount(content, 'valueUsd', '0'), 12, 'valueUsd');
            if book.json_text(content, 'tokenAddress', 255) !~ '^[!-~]+$' then
                perform book.refuse('field_not_valid', 'tokenAddress', 'it is no mint');
            end if;
        end loop;
        item := (
            select min(c.place) - 1
            from (
                select
                    i.place,
                    row_number() over (partition by i.content ->> 'tokenAddress' order by i.place) as times
                from jsonb_array_elements(chain) with ordinality as i (content, place)
            ) as c
            where c.times > 1
        );
        if item is not null then
            perform book.refuse('field_not_valid', 'tokenAddress', 'it is among them twice');
        end if;
    exception
        when others then
            if not book.is_refusal(sqlstate) then
                raise;
            end if;
            get stacked diagnostics hint = pg_exception_hint, message = message_text, wrong_field = column_name;
            wrong_field := concat_ws('/', item, nullif(wrong_field, ''));
            raise exception using
                errcode = sqlstate,
                message = message,
                hint = concat_ws(': ', split_part(hint, ': ', 1), wrong_field),
                column = wrong_field;
    end;
end
$$;

comment on function book.check_chain_balances(jsonb) is
'Refuses balances that are no array of 1 to 10,000 {"tokenAddress", "balance", "valueUsd"?}, each token once. Raises
field_unknown (TB009), field_required (TB010), field_not_valid (TB011), amount_not_valid (TB005), amount_out_of_range
(TB004).';
