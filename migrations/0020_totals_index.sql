-- A row of a wallet's totals is found by all of its key in either index; by agent and wallet alone, a trade read all
-- days and tokens of its wallet.
drop index wallet_totals_wallet_address_idx;
create index wallet_totals_wallet_address_idx on wallet_totals (agent_id, wallet_address, token_address, day);
