-- Whether the service can work.
create type api.service_state as (
    status text
);

comment on type api.service_state is 'Whether the service can work.';
comment on column api.service_state.status is 'ok.';
