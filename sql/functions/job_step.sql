-- Does one step of a job, as book.job_steps lists them, in a transaction of its own.
--
-- rows_done: how many rows of what the job counts. rest: the step that is left of it, where it would be too long for
-- one transaction; NULL where nothing is.
create function book.job_step(
    job text, step text, at timestamptz, since timestamptz, out rows_done bigint, out rest text
)
language plpgsql
volatile
as $$
begin
    case job
        when 'audit_wallets' then
            perform book.store_audit(step, at);
            rows_done := 1;
        when 'seal_ledgers' then
            -- A seal of more would be a row too large.
            rows_done := book.seal_wallet(step, at, book.settled_before(at), 100000);
            rest := case when rows_done >= 100000 then step end;
    end case;
end
$$;

comment on function book.job_step(text, text, timestamptz, timestamptz) is
'Does one step of a job, a wallet of it for instance: how many rows of what report.jobs.counts says, and the step that is
left of it, NULL where none is.';
