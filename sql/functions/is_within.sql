-- Whether a number is within its bounds, both included; one that is not known is within none but those that are absent.
create function book.is_within(value numeric, least_text text, most_text text)
returns boolean
language sql
immutable
parallel safe
as $$
    select
        (least_text is null or coalesce(value >= least_text::numeric, false))
        and (most_text is null or coalesce(value <= most_text::numeric, false))
$$;

comment on function book.is_within(numeric, text, text) is
'Whether a number is within its bounds, both included, NULL is none; an unknown number is within no bounds.';
