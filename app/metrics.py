"""Figures for Prometheus: what this service's processes count, and what PostgreSQL says of jobs and audits.

Each process of gunicorn writes its counts to a file of the directory PROMETHEUS_MULTIPROC_DIR, and whichever is asked
adds up all of them; without that directory the figures are this process's.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any

import psycopg
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from app.database import pool_stats, queries, transaction

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

ASKING_SECONDS = 3.0
"""How long PostgreSQL may take to say its part: a scrape gives up after 10 s."""

_log = logging.getLogger(__name__)

PROCESSES = CollectorRegistry()

REQUESTS = Counter(
    "tradebook_requests",
    "Requests answered, by method, route and HTTP status",
    ["method", "route", "status"],
    registry=PROCESSES,
)
SECONDS = Histogram(
    "tradebook_request_seconds",
    "Seconds until a request was answered, by method and route",
    ["method", "route"],
    registry=PROCESSES,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
IN_FLIGHT = Gauge(
    "tradebook_requests_in_flight", "Requests being answered", registry=PROCESSES, multiprocess_mode="livesum"
)
RETRIES = Counter(
    "tradebook_retries",
    "Units of work done again because they lost to others, by SQLSTATE",
    ["sqlstate"],
    registry=PROCESSES,
)
POOL_TIMEOUTS = Counter("tradebook_pool_timeouts", "Units of work that got no connection in time", registry=PROCESSES)
_POOL = {
    measure: Gauge(f"tradebook_pool_{name}", what, registry=PROCESSES, multiprocess_mode="livesum")
    for measure, name, what in [
        ("pool_size", "connections", "Connections that the pools hold"),
        ("pool_available", "connections_idle", "Of these, connections that nobody uses"),
        ("requests_waiting", "waiting", "Units of work that wait for a connection"),
    ]
}


def observe_pool() -> None:
    """Write down how this process's pool is; whoever is scraped cannot ask the other processes."""
    stats = pool_stats()
    for measure, gauge in _POOL.items():
        gauge.set(stats.get(measure, 0))


def exposition() -> bytes:
    """All figures in Prometheus's text format; without those of PostgreSQL where it is away."""
    observe_pool()
    processes = PROCESSES
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        processes = CollectorRegistry()
        MultiProcessCollector(processes)  # type: ignore[no-untyped-call]
    return generate_latest(processes) + generate_latest(_of_the_database())


class _OfTheDatabase(Collector):
    """What PostgreSQL says, asked for each scrape. Kept nowhere: a Gauge would be written to the processes' files."""

    def collect(self) -> Iterator[Metric]:
        """Its figures; without those of ledger and jobs where it is away."""
        try:
            ledger, jobs = transaction(
                lambda connection: (queries.ledger_figures(connection), list(queries.job_figures(connection))),
                read_only=True,
                seconds=ASKING_SECONDS,
            )
        except (psycopg.Error, PoolTimeout) as error:
            reason = str(error).partition("\n")[0] or type(error).__name__
            _log.warning("the database's figures are missing: %s", reason)
            yield _gauge("database_up", _IS_UP, 0)
            return
        yield _gauge("database_up", _IS_UP, 1)
        for figure, what in _LEDGER.items():
            yield _gauge(figure, what, ledger[figure])
        succeeded = GaugeMetricFamily(
            "tradebook_job_last_success_age_seconds",
            "Seconds since the job was last done; absent where it never was",
            labels=["job"],
        )
        failed = GaugeMetricFamily("tradebook_job_failures", "Runs of the job that failed or died", labels=["job"])
        for job in jobs:
            if job["last_success_age_seconds"] is not None:
                succeeded.add_metric([job["job"]], float(job["last_success_age_seconds"]))
            failed.add_metric([job["job"]], float(job["failures"]))
        yield succeeded
        yield failed


def _of_the_database() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_OfTheDatabase())
    return registry


_IS_UP = "Whether PostgreSQL answered this scrape"

_LEDGER = {
    "wallets": "Wallets of the book",
    "facts": "Transactions of the book, voided ones included",
    "audited_wallets": "Wallets that were audited at least once",
    "unaudited_facts": "Transactions that no audit has covered yet",
    "unsealed_facts": "Transactions that are in no seal yet",
    "audit_violations": "Violations of the laws of the book that the last audits found; 0 is right",
    "oldest_audit_age_seconds": "Seconds since the audit of the wallet whose last audit is the oldest",
}


def _gauge(name: str, what: str, figure: Any) -> Metric:
    return GaugeMetricFamily(f"tradebook_{name}", what, value=float("nan") if figure is None else float(figure))
