-- Agents and the wallets that they trade with.

create table agents (
    id uuid constraint agents_pkey primary key default gen_random_uuid(),
    user_id uuid not null,
    name varchar(255) not null,
    trading_mode varchar(20) not null default 'simulation',
    automated_trading_simulation boolean not null default true,
    automated_trading_live boolean not null default true,
    trading_config jsonb,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint agents_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
    constraint agents_name_is_not_blank check (name ~ '[^[:space:]]' and name !~ '[[:cntrl:]]'),
    constraint agents_trading_mode_is_simulation_or_live check (trading_mode in ('simulation', 'live')),
    constraint agents_trading_config_is_an_object check (jsonb_typeof(trading_config) = 'object')
);

create index agents_user_id_idx on agents (user_id);

-- What the ledger tables refer to, so that none of their rows names another user than its agent's.
-- Made after the other indexes: on a table without statistics the planner takes the last of those that seem equal, and
-- this one finds one row.
alter table agents add constraint agents_id_user_id_key unique (id, user_id);

comment on table agents is 'Trading agents. Deleting one takes its wallets and their whole history.';
comment on column agents.id is 'Unique identifier.';
comment on column agents.user_id is 'The owner.';
comment on column agents.name is 'Display name.';
comment on column agents.trading_mode is 'simulation or live: the wallet that new entries go to.';
comment on column agents.automated_trading_simulation is 'Whether signals are acted on in simulation.';
comment on column agents.automated_trading_live is 'Whether signals are acted on with the live wallet.';
comment on column agents.trading_config is 'What differs from the default trading configuration; NULL is all defaults.';
comment on column agents.created_at is 'When the agent was made.';
comment on column agents.updated_at is 'When the row was last changed.';

create table agent_wallets (
    wallet_address varchar(44) constraint agent_wallets_pkey primary key,
    agent_id uuid not null,
    wallet_type varchar(20) not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint agent_wallets_agent_id_fkey foreign key (agent_id) references agents (id) on delete cascade,
    -- One wallet for each mode of an agent. It starts with agent_id, so it serves the look-up by agent too.
    constraint agent_wallets_agent_id_wallet_type_key unique (agent_id, wallet_type),
    constraint agent_wallets_wallet_type_is_simulation_or_live check (wallet_type in ('simulation', 'live')),
    constraint agent_wallets_wallet_address_fits_its_type check (
        case wallet_type
            when 'simulation' then wallet_address ~ '^sim_[A-Za-z0-9_-]{28,40}$'
            else wallet_address ~ '^[1-9A-HJ-NP-Za-km-z]{32,44}$'
        end
    )
);

-- What every row of a wallet refers to, so that none pairs one agent with another's wallet.
-- Made after the other indexes: on a table without statistics the planner takes the last of those that seem equal, and
-- this one finds one row.
alter table agent_wallets add constraint agent_wallets_agent_id_wallet_address_key unique (agent_id, wallet_address);

comment on table agent_wallets is 'Wallets of agents, by address. Private keys are never stored.';
comment on column agent_wallets.wallet_address is
'Live: the base58 address, 32 to 44 characters. Simulation: sim_ and 28 to 40 letters, digits, _ or -.';
comment on column agent_wallets.agent_id is 'The agent that trades with it.';
comment on column agent_wallets.wallet_type is 'simulation or live; an agent has one of each at the most.';
comment on column agent_wallets.created_at is 'When the wallet was assigned.';
comment on column agent_wallets.updated_at is 'When the row was last changed.';
