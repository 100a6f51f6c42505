-- Which facts of a batch repeat one that is booked or one before them in the batch: the same id, or the same leg of the
-- same on-chain transaction of the wallet.
create function book.repeated_items(facts public.agent_transactions[])
returns boolean[]
language plpgsql
stable
as $$
begin
    return array(
        select
            f.by_id > 1
            or (f.transaction_hash is not null and f.by_hash > 1)
            or exists (select from public.agent_transactions as k where k.id = f.id)
            or exists (
                select
                from public.agent_transactions as k
                where
                    k.agent_id = f.agent_id
                    and (k.wallet_address = f.wallet_address or (k.wallet_address is null and f.wallet_address is null))
                    and k.transaction_hash = f.transaction_hash
                    and k.transaction_type = f.transaction_type
                    and k.input_mint = f.input_mint
                    and k.output_mint is not distinct from f.output_mint
                    and k.leg = coalesce(f.leg, 1)
                    and k.voided_at is null
            )
        from (
            select
                n.*,
                row_number() over (partition by n.id order by n.ordinality) as by_id,
                row_number() over (
                    partition by
                        n.agent_id,
                        n.wallet_address,
                        n.transaction_hash,
                        n.transaction_type,
                        n.input_mint,
                        n.output_mint,
                        coalesce(n.leg, 1)
                    order by n.ordinality
                ) as by_hash
            from unnest(facts) with ordinality as n
        ) as f
        order by f.ordinality
    );
end
$$;

comment on function book.repeated_items(public.agent_transactions[]) is
'For each fact of a batch whether it repeats one that is booked, or one before it in the batch.';
