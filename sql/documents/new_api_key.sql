-- An API key when it is made.
create type api.new_api_key as (
    id uuid,
    key text,
    name text,
    "keyPrefix" text,
    scopes text [],
    "createdAt" api.time_text
);

comment on type api.new_api_key is 'An API key when it is made: the one answer that has the key itself.';
comment on column api.new_api_key.id is 'Unique identifier.';
comment on column api.new_api_key.key is 'The key; it is told this once.';
comment on column api.new_api_key.name is 'Display name.';
comment on column api.new_api_key."keyPrefix" is 'The first 12 characters of the key, to recognise it.';
comment on column api.new_api_key.scopes is 'What the key may do.';
comment on column api.new_api_key."createdAt" is 'When the key was made.';
