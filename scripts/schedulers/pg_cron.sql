-- Has pg_cron run the jobs that are due, every minute. As a superuser, in the database that pg_cron is installed in
-- (cron.database_name, mostly postgres); where the book's database is not called tradebook, change the name twice.
--
-- Nothing may stand beside the call in the command: two statements would be one transaction, and the call commits.
create role tradebook_scheduler login in role tradebook_jobs;
alter role tradebook_scheduler in database tradebook set statement_timeout = '50min';
select cron.schedule_in_database(
    'tradebook', '* * * * *', 'call jobs.run_due(now())', 'tradebook', 'tradebook_scheduler'
);
