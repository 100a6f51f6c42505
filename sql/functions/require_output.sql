-- Refuses a simulated trade of which more would be received than can be stored.
create function book.require_output(t public.agent_transactions)
returns void
language plpgsql
immutable
as $$
begin
    if t.output_amount is null then
        perform book.refuse('amount_out_of_range', 'output_amount', 'what is received has to be below 10^20');
    end if;
end
$$;

comment on function book.require_output(public.agent_transactions) is
'Raises amount_out_of_range (TB004) where a simulated trade (book.simulated_swap) has no output that can be stored.';
