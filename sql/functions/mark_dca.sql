-- Brings agent_transactions.is_dca into step with the fold.
create function book.mark_dca(steps book.position_step[])
returns void
language plpgsql
volatile
as $$
begin
    update public.agent_transactions as t
    set is_dca = (s.state).is_dca
    from unnest(steps) as s
    where
        (s.leg).kind = 'buy'
        and t.agent_id = s.agent_id
        and t.id = (s.leg).transaction_id
        and t.is_dca is distinct from (s.state).is_dca;
end
$$;

comment on function book.mark_dca(book.position_step[]) is
'Brings agent_transactions.is_dca of the buys among the steps into step with the fold.';
