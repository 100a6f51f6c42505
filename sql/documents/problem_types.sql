-- What the type of a problem document means.
create type api.problem_types as (
    name text,
    status int,
    codes text[], -- noqa: LT01
    title text
);

comment on type api.problem_types is 'What the type of a problem document means.';
comment on column api.problem_types.name is 'Stable name: the end of the type.';
comment on column api.problem_types.status is 'The HTTP status that it comes with.';
comment on column api.problem_types.codes is 'The codes that it comes with: SQLSTATEs, or its name.';
comment on column api.problem_types.title is 'What it means.';
