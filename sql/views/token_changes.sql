-- What each fact that counts changed of what a wallet held: tokens and their cost, exact. Summed up to an instant they
-- are the holdings of that instant; what came after an instant, taken from what is held now, is the same.
--
-- The cost that a sale, burn or withdrawal released is the stored one, so nothing has to be folded again.
create view book.token_changes with (security_invoker = true) as
select
    t.user_id,
    t.agent_id,
    t.wallet_address,
    t.transaction_time,
    l.token_address,
    l.change as amount,
    case
        when l.token_address = book.sol_mint() then 0
        -- What came in at its cost, as book.position_leg has it.
        when l.change > 0 then t.value_sol + case when t.input_mint = book.sol_mint() then t.fees_sol else 0 end
        else -r.cost_basis_sol
    end as cost_sol
from public.agent_transactions as t
cross join lateral book.balance_legs(t) as l
left join book.releases as r
    on r.id = t.id and r.token_address = l.token_address and l.change < 0
where t.wallet_address is not null and t.voided_at is null;

comment on view book.token_changes is
'A row for each balance that a fact changed, voided facts left out: amount in whole tokens, cost_sol what it added to
the SOL cost of the position, below zero where it released some, 0 for SOL. A token may come twice in one fact.';
