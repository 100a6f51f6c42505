-- Does one step of a job, as book.job_steps lists them; how many rows of what the job counts.
create function book.job_step(job text, step text, at timestamptz, since timestamptz)
returns bigint
language plpgsql
volatile
as $$
begin
    case job
        when 'audit_wallets' then
            perform book.store_audit(step, at);
            return 1;
        when 'seal_ledgers' then
            return book.seal_wallet(step, at, book.settled_before(at), 100000);
    end case;
end
$$;

comment on function book.job_step(text, text, timestamptz, timestamptz) is
'Does one step of a job, a wallet of it for instance; how many rows of what report.jobs.counts says.';
