"""Every procedure of schema jobs runs as the role of schedulers, which writes nothing by itself."""

from __future__ import annotations

import psycopg
from psycopg import errors

from tests.ledger import Ledger


def test_a_scheduler_runs_every_job_and_writes_nothing_else(db: psycopg.Connection, database_url: str) -> None:
    ledger = Ledger(db)
    ledger.void(ledger.buy("A", "100", "1"))
    db.commit()
    jobs = db.execute(
        "select p.oid::regproc::text, p.pronargs from pg_proc as p"
        " where p.pronamespace = 'jobs'::regnamespace order by 1"
    ).fetchall()
    assert ("jobs.seal_ledgers", 1) in jobs
    with psycopg.connect(database_url, autocommit=True) as scheduler:
        scheduler.execute("set role tradebook_jobs")
        for job, arguments in jobs:
            scheduler.execute(f"call {job}({', '.join(['now()'] * arguments)})")
        try:
            scheduler.execute("update ledger_seals set number = 2")
            raise AssertionError("it may not write seals")
        except errors.InsufficientPrivilege:
            pass
    assert ledger.rows("select facts, voids, violations from wallet_audits") == [
        {"facts": 2, "voids": 1, "violations": 0}
    ]
    assert ledger.rows("select facts_so_far, voids_so_far from ledger_seals") == [
        {"facts_so_far": 2, "voids_so_far": 1}
    ]
