-- Law 6: a rebuild of a wallet from its facts gives what is stored, strategy state and machine timestamps apart.
--
-- A row per derived row that differs: expected 0 columns, actual how many; the subject names them.
create function book.audit_law_6(wallet text)
returns table (token_address text, row_id uuid, subject text, expected numeric, actual numeric)
language plpgsql
stable
as $$
declare
    histories constant book.token_history[] := book.whole_histories(wallet);
    steps constant book.position_step[] := book.fold_histories(histories);
    agent constant uuid := book.agent_of(wallet);
    not_of_the_fold constant text[] := array[
        'updated_at', 'current_stop_loss_percentage', 'peak_price', 'lowest_price', 'last_stop_loss_update',
        'stop_loss_price', 'take_profit_base', 'take_profit_levels_done', 'moon_bag_amount', 'dca_skipped_at',
        'quiet_from', 'quiet_to', 'quiet_until'
    ];
begin
    return query
    select
        coalesce(e.content, a.content) ->> 'token_address',
        coalesce(e.id, a.id),
        format('%s: %s', coalesce(e.table_name, a.table_name), book.differing_columns(e.content, a.content)),
        0::numeric,
        cardinality(string_to_array(book.differing_columns(e.content, a.content), ', '))::numeric
    from (
        select
            'agent_positions' as table_name,
            p.id,
            to_jsonb(p) - not_of_the_fold as content
        from unnest(book.positions_of(histories, steps)) as p
        union all
        select
            'agent_historical_swaps',
            w.id,
            to_jsonb(w) - 'created_at'
        from unnest(book.historical_swaps_of(steps)) as w
        union all
        select
            'agent_token_withdrawals',
            w.id,
            to_jsonb(w) - 'created_at'
        from unnest(book.token_withdrawals_of(steps)) as w
        union all
        select
            'agent_balances',
            b.id,
            jsonb_build_object('token_address', h.token_address, 'token_symbol', h.token_symbol)
        from unnest(histories) as h
        left join public.agent_balances as b
            on b.wallet_address = h.wallet_address and b.token_address = h.token_address
        union all
        select
            'agent_transactions',
            (s.leg).transaction_id,
            jsonb_build_object('token_address', s.token_address, 'is_dca', true)
        from unnest(steps) as s
        where (s.state).is_dca
    ) as e
    full outer join (
        select
            'agent_positions' as table_name,
            p.id,
            to_jsonb(p) - not_of_the_fold as content
        from public.agent_positions as p
        where p.agent_id = agent and p.wallet_address = wallet
        union all
        select
            'agent_historical_swaps',
            w.id,
            to_jsonb(w) - 'created_at'
        from public.agent_historical_swaps as w
        where w.agent_id = agent and w.wallet_address = wallet
        union all
        select
            'agent_token_withdrawals',
            w.id,
            to_jsonb(w) - 'created_at'
        from public.agent_token_withdrawals as w
        where w.agent_id = agent and w.wallet_address = wallet
        union all
        select
            'agent_balances',
            b.id,
            jsonb_build_object('token_address', b.token_address, 'token_symbol', b.token_symbol)
        from public.agent_balances as b
        where
            b.wallet_address = wallet
            and b.token_address <> book.sol_mint()
            -- The balance of a token whose facts have all been voided stays, at 0, with the symbol that it had.
            and (
                b.balance <> '0'
                or exists (select from unnest(histories) as h where h.token_address = b.token_address)
            )
        union all
        select
            'agent_transactions',
            t.id,
            jsonb_build_object('token_address', t.output_mint, 'is_dca', true)
        from public.agent_transactions as t
        where t.agent_id = agent and t.wallet_address = wallet and t.is_dca
    ) as a on a.table_name = e.table_name and a.id = e.id
    where e.content is distinct from a.content;
end
$$;

comment on function book.audit_law_6(text) is
'Law 6 of the book for one wallet, a row per derived row that a rebuild from the facts would change: 0 (expected), and
how many columns differ (actual).';
