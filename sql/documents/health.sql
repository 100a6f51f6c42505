-- Whether the service and its database are there.
create type api.health as (
    status text,
    time api.time_text
);

comment on type api.health is 'Whether the service and its database are there.';
comment on column api.health.status is 'ok.';
comment on column api.health.time is 'The database''s clock.';
