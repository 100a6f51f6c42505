-- The steps of a job, each to be a transaction of book.job_step: mostly the wallets that it has something to do for.
create function book.job_steps(job text, at timestamptz, since timestamptz)
returns text[]
language plpgsql
stable
as $$
begin
    case job
        when 'apply_rules' then
            -- Some tokens at a time, so that no transaction holds many wallets for long.
            return array['pending', 'orders'] || array(
                select jsonb_agg(t.token_address)::text
                from (
                    select
                        p.token_address,
                        (row_number() over (order by p.token_address) - 1) / 100 as part
                    from public.agent_positions as p
                    where p.managed and not p.is_dust
                    group by p.token_address
                ) as t
                group by t.part
                order by t.part
            ) || array['forget'];
        when 'take_balance_snapshots' then
            -- The hours that were missed first, so that a failure there leaves them missed, and they are tried again.
            return case when since is null then '{}' else book.job_steps('backfill_snapshots', at, since) end
            || array['all wallets'];
        when 'backfill_snapshots' then
            return array(
                select w.wallet_address
                from public.agent_wallets as w
                order by w.agent_id, w.wallet_address
            );
        when 'prune_prices' then
            -- Token, source, and from when on: NULL in the settings keeps all.
            return array(
                select jsonb_build_array(l.token_address, l.source, '-infinity')::text
                from report.latest_prices as l
                cross join public.settings as s
                where s.price_retention is not null
            );
        when 'prune_events' then
            return array['number', 'prune'];
        when 'audit_wallets' then
            -- Those whose facts or voids have become more, and those that had violations.
            return array(
                select w.wallet_address
                from book.wallet_facts as w
                left join public.wallet_audits as a on a.wallet_address = w.wallet_address
                where
                    w.facts <> coalesce(a.facts, 0)
                    or w.voids <> coalesce(a.voids, 0)
                    or a.violations > 0
                order by w.wallet_address
            );
        when 'seal_ledgers' then
            return array(
                select w.wallet_address
                from book.wallet_facts as w
                left join report.seal_heads as h on h.wallet_address = w.wallet_address
                where w.facts <> coalesce(h.facts, 0) or w.voids <> coalesce(h.voids, 0)
                order by w.wallet_address
            );
    end case;
end
$$;

comment on function book.job_steps(text, timestamptz, timestamptz) is
'The steps of a job for an instant, or the period since until then: what book.job_step takes, one at a time.';
