-- Whether a fact counted at an instant, by when it arrived and when it was voided. The one rule of "as known at".
--
-- Closed at the arrival, open at the void: of a fact and the one that corrects it in the same instant, one counts.
create function book.was_known(created_at timestamptz, voided_at timestamptz, known_at timestamptz)
returns boolean
language sql
immutable
parallel safe
as $$
    select
        created_at <= coalesce(known_at, 'infinity')
        and (voided_at is null or voided_at > coalesce(known_at, 'infinity'))
$$;

comment on function book.was_known(timestamptz, timestamptz, timestamptz) is
'Whether a fact counted at known_at: it had arrived by then and was not voided by then. NULL is now.';
