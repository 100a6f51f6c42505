-- What is wrong first with each wallet's sealed facts and voids; no row where all is right. See first_seal_problem.
create function book.verify_seals(only_wallet text default null)
returns table (wallet_address text, number int, row_id uuid, problem text)
language plpgsql
stable
as $$
begin
    if only_wallet is not null and book.agent_of(only_wallet) is null then
        perform book.refuse('not_found', 'wallet_address', 'there is no such wallet');
    end if;
    return query
    select
        w.wallet_address::text,
        p.number,
        p.row_id,
        p.problem
    from public.agent_wallets as w
    cross join lateral book.first_seal_problem(w.wallet_address) as p
    where only_wallet is null or w.wallet_address = only_wallet
    order by w.wallet_address;
end
$$;

comment on function book.verify_seals(text) is
'What is wrong first with the sealed facts and voids of each wallet, or of one: number of the seal, the transaction, the
problem (book.first_seal_problem). No row where all is right. Raises not_found (TB007).';
