-- book.fold_position over the rows of a window, one token of one wallet each, in the order of the book.
--
-- The first row of a window may carry a state instead of a leg: the fold then goes on from there.
create function book.start_or_fold_position(
    s book.position_state, start book.position_state, leg book.position_leg, dust_ratio numeric
)
returns book.position_state
language plpgsql
immutable
parallel safe
as $$
begin
    if leg.transaction_id is null then
        return start;
    end if;
    return book.fold_position(s, leg, dust_ratio);
end
$$;

create aggregate book.fold_positions(book.position_state, book.position_leg, numeric) ( -- noqa: LT01
    sfunc = book.start_or_fold_position,
    stype = book.position_state,
    parallel = safe
);

comment on function book.start_or_fold_position(
    book.position_state, book.position_state, book.position_leg, numeric
) is 'Transition of book.fold_positions: a row without a leg sets the state, any other folds.';
comment on aggregate book.fold_positions(book.position_state, book.position_leg, numeric) is -- noqa: LT01
'The position after each row of a window ordered by (transaction_time, ledger_order), rows unbounded preceding.
Arguments: a state to start from (first row only, its leg NULL), the leg, settings.dust_ratio.';
