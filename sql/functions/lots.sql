-- Gains by another order of lots than the book's average cost, over the same facts.
create function report.lots(
    agent uuid, wallet text default null, token text default null, method text default 'fifo'
)
returns table (
    wallet_address text,
    token_address text,
    token_symbol text,
    lot_transaction_id uuid,
    acquired_at timestamptz,
    taken_by text,
    taking_transaction_id uuid,
    taken_at timestamptz,
    amount numeric,
    cost_sol numeric,
    cost_usd numeric,
    proceeds_sol numeric,
    proceeds_usd numeric,
    gain_sol numeric,
    gain_usd numeric,
    holding_seconds bigint
)
language plpgsql
stable
set jit = off
as $$
begin
    if method is null or method not in ('fifo', 'lifo', 'hifo', 'average') then
        perform book.refuse('choice_unknown', 'method', 'method is fifo, lifo, hifo or average');
    end if;
    return query
    select
        b.wallet_address::text,
        b.token_address::text,
        b.token_symbol::text,
        l.lot_transaction_id,
        l.acquired_at,
        l.taken_by,
        l.taking_transaction_id,
        l.taken_at,
        l.amount,
        l.cost_sol,
        l.cost_usd,
        l.proceeds_sol,
        l.proceeds_usd,
        l.proceeds_sol - l.cost_sol,
        l.proceeds_usd - l.cost_usd,
        extract(epoch from l.taken_at - l.acquired_at)::bigint
    from public.agent_balances as b
    cross join lateral book.lots_of(b.agent_id, b.wallet_address, b.token_address, method) as l
    where
        b.agent_id = agent
        and (wallet is null or b.wallet_address = wallet)
        and (token is null or b.token_address = token)
        and b.token_address <> book.sol_mint();
end
$$;

comment on function report.lots(uuid, text, text, text) is
'The lots of an agent''s tokens (not SOL): what each buy and deposit cost, and what took it. A row for each part of a
lot that a sale, burn or withdrawal took, and one for what is left of it (taken_by NULL). wallet, token: NULL is all. Lots
do not move between wallets.
method: the lot that is taken first. fifo: the oldest; lifo: the newest; hifo: the dearest by its cost in SOL per token,
the older of equals; average: all that is held is one lot without a purchase (lot_transaction_id and acquired_at NULL),
and the gains are those of the book.
taken_by: sell, burn or withdrawal. amount: whole tokens. cost: value and fees of the purchase; proceeds: received less
fees, of a burn 0; both for this part, SOL and USD at each transaction''s time, exact. gain: proceeds less cost.
Proceeds and gain of a withdrawal, and of what is left, are NULL. The gain of a sale is the sum over its taking_transaction_id.
Over all rows, cost is what was put in; proceeds less gain is the cost of what was sold and burned.
holding_seconds: from acquired_at to taken_at. Voided facts do not count. Raises choice_unknown (TB022). No such agent,
or another user''s: no rows.';
