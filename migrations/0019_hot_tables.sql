-- Every statement that writes a table reads, plans and compiles the text of each of its CHECKs anew, and every trade
-- writes this one: three of them as one, half as long.
alter table event_outbox
drop constraint event_outbox_kind_is_known,
drop constraint event_outbox_everyones_are_signals_and_prices,
drop constraint event_outbox_subject_is_of_its_kind,
add constraint event_outbox_kind_has_its_subject check (
    case
        when kind in ('transactions', 'positions', 'orders') then num_nulls(user_id, subject_id) = 0
        when kind = 'signals' then signal_id is not null
        when kind = 'prices' then token_address is not null
        else false
    end
);

-- Ids do not compress: no time is spent on trying.
alter table agent_positions alter column dca_transaction_ids set storage external;

-- Whose a wallet is stands in its row, as in those of the ledger: a policy that asked its agent for it went through all
-- agents of the user, for every statement of a trade.
alter table agent_wallets add column user_id uuid;
alter table agent_wallets disable trigger user;
update agent_wallets as w
set user_id = a.user_id
from agents as a
where a.id = w.agent_id;
alter table agent_wallets enable trigger user;
alter table agent_wallets
alter column user_id set not null,
drop constraint agent_wallets_agent_id_fkey,
add constraint agent_wallets_agent_id_fkey foreign key (agent_id, user_id)
references agents (id, user_id) on delete cascade;
create index agent_wallets_user_id_agent_id_idx on agent_wallets (user_id, agent_id);
comment on column agent_wallets.user_id is 'The agent''s user; filled in from the agent.';
