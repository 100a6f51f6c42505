-- The two tokens of a login.
create type api.session_tokens as (
    "accessToken" text,
    "refreshToken" text,
    "tokenType" text,
    "accessExpiresAt" api.time_text,
    "refreshExpiresAt" api.time_text
);

comment on type api.session_tokens is 'The two tokens of a login; they are told this once.';
comment on column api.session_tokens."accessToken" is 'For Authorization: Bearer, until accessExpiresAt.';
comment on column api.session_tokens."refreshToken" is
'Gets two new tokens, once, until refreshExpiresAt. Used again, it ends the login.';
comment on column api.session_tokens."tokenType" is 'Always Bearer.';
comment on column api.session_tokens."accessExpiresAt" is 'Until when the access token is good.';
comment on column api.session_tokens."refreshExpiresAt" is 'Until when the refresh token is good.';
