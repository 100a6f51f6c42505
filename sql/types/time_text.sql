-- Instants as the HTTP service shows them, so that the catalog tells them from other texts.
create domain api.time_text as text;

comment on domain api.time_text is 'An instant as ISO 8601 in UTC, such as 2025-04-27T23:01:47.5Z.';
