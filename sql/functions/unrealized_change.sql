-- How the unrealized gain changed over a period. gain_now, unpriced_now: of what is held now, told by the caller.
create function book.unrealized_change(
    agent uuid, start_at timestamptz, end_at timestamptz, wallet text, gain_now numeric, unpriced_now int
)
returns table (change_sol numeric, unpriced int)
language plpgsql
stable
as $$
begin
    if start_at = '-infinity' and end_at >= now() then
        return query
        select
            gain_now,
            unpriced_now;
        return;
    end if;
    return query
    select
        coalesce(sum(
            coalesce(b.value_sol - b.cost_basis_sol, 0) - coalesce(a.value_sol - a.cost_basis_sol, 0)
        ) filter (where k.is_known), 0.000000000000000000),
        count(*) filter (where not k.is_known)::int
    from book.values_at(agent, start_at, wallet) as a
    full outer join book.values_at(agent, end_at, wallet) as b
        on b.wallet_address = a.wallet_address and b.token_address = a.token_address
    cross join lateral (
        select (a.token_address is null or a.value_sol is not null)
            and (b.token_address is null or b.value_sol is not null) as is_known
    ) as k;
end
$$;

comment on function book.unrealized_change(uuid, timestamptz, timestamptz, text, numeric, int) is
'Unrealized gain at the end of a period less that at its start, SOL, and how many positions are left out because they
had no price at one of the two.';
