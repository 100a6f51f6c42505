-- Does the steps of a run that book.start_job has claimed, and commits after each; what came of it is in job_runs.
--
-- Raises nothing: a step that fails is rolled back, and the others are done. What ends the run is its time, a
-- cancellation (statement_timeout, Ctrl-C), or that it was taken for dead. No session state is relied on.
create procedure jobs.work_off(run bigint)
language plpgsql
as $$
declare
    r public.job_runs;
    todo text[];
    rest text;
    number int := 0;
    total bigint := 0;
    failures int := 0;
    first_code text;
    first_error text;
    is_over boolean := false;
begin
    select job_runs.* into r
    from public.job_runs
    where job_runs.id = run;
    loop
        rest := null;
        begin
            perform book.renew_job(run, clock_timestamp());
            if todo is null then
                todo := book.job_steps(r.job, r.at, r.since);
            else
                select
                    total + s.rows_done,
                    s.rest
                into total, rest
                from book.job_step(r.job, todo[number], r.at, r.since) as s;
            end if;
        exception
            when query_canceled or others then
                failures := failures + 1;
                first_code := coalesce(first_code, sqlstate);
                first_error := coalesce(first_error, concat_ws(': ', todo[number], sqlerrm));
                is_over := todo is null or sqlstate in ('57014', 'TB021');
        end;
        commit;
        if rest is not null then
            todo[number] := rest;
            continue;
        end if;
        exit when is_over or number = cardinality(todo);
        number := number + 1;
    end loop;
    perform book.finish_job(
        run,
        clock_timestamp(),
        greatest(number - failures, 0),
        total,
        first_code,
        first_error || case when failures > 1 then format(' (and %s more)', failures - 1) else '' end
    );
    commit;
end
$$;

comment on procedure jobs.work_off (bigint) is
'Does the steps of a run that book.start_job has claimed, and commits after each. A step that fails is rolled back, told
in job_runs, and the others are done. To be called outside a transaction.';
