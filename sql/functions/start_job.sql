-- Sees that a job runs once at a time: for the rest of the transaction, so that poolers do no harm.
--
-- Raises job_running where another one has begun.
create function book.start_job(job text)
returns void
language plpgsql
volatile
as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended(job, 0)) then
        perform book.refuse('job_running', null, format('%s is running already', job));
    end if;
end
$$;

comment on function book.start_job(text) is
'Sees, for the rest of the transaction, that a job runs once at a time. Raises job_running (TB017).';
