-- The transactions of each trade: its buys, deposits, sales, burns and withdrawals, first to last.
create view report.trade_transactions with (security_invoker = true) as
select
    -- Equal to position_id, and what an index has.
    s.purchase_transaction_id as trade_id,
    s.user_id,
    s.agent_id,
    s.wallet_address,
    s.token_address,
    t.id as transaction_id,
    t.transaction_time,
    t.ledger_order,
    case
        when t.output_mint = s.token_address then 'buy'
        when t.transaction_type = 'SWAP' then 'sell'
        else lower(t.transaction_type::text)
    end as kind,
    case when t.output_mint = s.token_address then t.output_amount else t.input_amount end as amount,
    t.value_sol,
    t.value_usd,
    t.fees_sol,
    t.is_dca and t.output_mint = s.token_address as is_dca,
    t.close_reason
from public.agent_historical_swaps as s
inner join public.agent_transactions as o on o.agent_id = s.agent_id and o.id = s.purchase_transaction_id
inner join public.agent_transactions as c on c.agent_id = s.agent_id and c.id = s.position_closed_by
cross join
    lateral (
        select k.*
        from public.agent_transactions as k
        where
            k.agent_id = s.agent_id
            and k.wallet_address = s.wallet_address
            and k.input_mint = s.token_address
            and (k.transaction_time, k.ledger_order) >= (o.transaction_time, o.ledger_order)
            and (k.transaction_time, k.ledger_order) <= (c.transaction_time, c.ledger_order)
            and k.voided_at is null
        union all
        select k.*
        from public.agent_transactions as k
        where
            k.agent_id = s.agent_id
            and k.wallet_address = s.wallet_address
            and k.output_mint = s.token_address
            and (k.transaction_time, k.ledger_order) >= (o.transaction_time, o.ledger_order)
            and (k.transaction_time, k.ledger_order) <= (c.transaction_time, c.ledger_order)
            and k.voided_at is null
    ) as t
where s.closes_position;

comment on view report.trade_transactions is
'The transactions of each trade of report.trades, from the one that opened the position to the one that ended it.';
comment on column report.trade_transactions.trade_id is 'The trade: report.trades.id.';
comment on column report.trade_transactions.user_id is 'Whose it is.';
comment on column report.trade_transactions.agent_id is 'The agent.';
comment on column report.trade_transactions.wallet_address is 'The wallet.';
comment on column report.trade_transactions.token_address is 'Mint of the trade''s token.';
comment on column report.trade_transactions.transaction_id is 'The transaction.';
comment on column report.trade_transactions.transaction_time is 'When it was.';
comment on column report.trade_transactions.ledger_order is 'Its place among those of one time.';
comment on column report.trade_transactions.kind is
'What it did to the position: buy, deposit, sell, burn or withdrawal.';
comment on column report.trade_transactions.amount is 'Whole tokens that came or went.';
comment on column report.trade_transactions.value_sol is 'Its value, SOL, before fees.';
comment on column report.trade_transactions.value_usd is 'Its value, USD, before fees.';
comment on column report.trade_transactions.fees_sol is 'Its fees, SOL.';
comment on column report.trade_transactions.is_dca is 'Whether it is a buy after the first.';
comment on column report.trade_transactions.close_reason is 'Why it was sold, where it says so.';
