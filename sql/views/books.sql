-- The books as text, for comparing two of them: a line for each balance, position and historical swap.
create view report.books with (security_invoker = true) as
select
    b.user_id,
    b.agent_id,
    b.wallet_address,
    concat_ws(e'\t', 'balance', b.wallet_address, b.token_address, b.balance) as line
from public.agent_balances as b
union all
select
    p.user_id,
    p.agent_id,
    p.wallet_address,
    concat_ws(
        e'\t',
        'position',
        p.wallet_address,
        p.token_address,
        book.plain_number(p.remaining_amount),
        book.plain_number(p.cost_basis_sol),
        book.plain_number(p.cost_basis_usd)
    )
from public.agent_positions as p
union all
select
    s.user_id,
    s.agent_id,
    s.wallet_address,
    concat_ws(
        e'\t',
        'swap',
        s.wallet_address,
        s.token_address,
        book.plain_time(s.sale_time),
        coalesce(t.transaction_hash, '-'),
        book.plain_number(s.amount),
        book.plain_number(s.cost_basis_sol),
        book.plain_number(s.proceeds_sol),
        book.plain_number(s.proceeds_sol - s.cost_basis_sol),
        book.plain_number(s.cost_basis_usd),
        book.plain_number(s.proceeds_usd),
        book.plain_number(s.proceeds_usd - s.cost_basis_usd)
    )
from public.agent_historical_swaps as s
inner join public.agent_transactions as t on t.agent_id = s.agent_id and t.id = s.sale_transaction_id;

comment on view report.books is
'The books as text, exact, fields separated by tabs. balance: wallet, token, balance. position: wallet, token, held,
cost in SOL, in USD. swap: wallet, token, time, signature, amount; released, proceeds and gain in SOL; the same three in
USD.';
comment on column report.books.user_id is 'Whose wallet it is.';
comment on column report.books.agent_id is 'The agent.';
comment on column report.books.wallet_address is 'The wallet.';
comment on column report.books.line is 'One balance, position or historical swap.';
