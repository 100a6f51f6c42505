-- The statement of a wallet, as the HTTP service shows it: report.wallet_statement.
--
-- asked: parameters that book.read_parameters has read, with owner.
create function book.statement_of(asked jsonb)
returns setof api.statement_lines
language plpgsql
stable
as $$
declare
    period constant tstzrange := book.read_period(asked);
begin
    perform book.require_wallet((asked ->> 'owner')::uuid, asked ->> 'walletAddress');
    return query
    select
        s.line,
        book.plain_time(s.transaction_time),
        s.ledger_order,
        s.transaction_id,
        s.transaction_type,
        s.kind,
        s.token_address,
        s.token_symbol,
        book.plain_number(s.change),
        book.plain_number(s.balance),
        s.other_token,
        s.destination_address,
        s.transaction_hash
    from report.wallet_statement(asked ->> 'walletAddress', lower(period), upper(period)) as s;
end
$$;

comment on function book.statement_of(jsonb) is
'The statement of a wallet in a period: report.wallet_statement, for a list of api.lists. Raises not_found (TB007) and
what book.read_period raises.';
