"""Every figure of the reports has a definition, and every definition is of a figure."""

from __future__ import annotations

from typing import Any

import psycopg

REPORTS = ["equity_curve", "statistics", "performance", "breakdown"]
"""Functions of schema report whose figures are defined."""

FIGURES = ["numeric", "integer", "bigint", "date", "timestamp with time zone"]


def figures(db: psycopg.Connection[Any], reports: list[str]) -> set[str]:
    """The columns of these reports that are figures."""
    found = db.execute(
        """
        select c.name
        from pg_proc as p
        cross join lateral unnest(p.proargnames, p.proargmodes::text[], p.proallargtypes) as c (name, mode, kind)
        where
            p.pronamespace = 'report'::regnamespace
            and p.proname = any (%s)
            and c.mode = 't'
            and format_type(c.kind, null) = any (%s)
        """,
        [reports, FIGURES],
    ).fetchall()
    return {name for (name,) in found}


def definitions(db: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return db.execute("select name, granularity, unit, formula, source from report.metric_definitions").fetchall()


def test_every_figure_has_one_definition(db: psycopg.Connection[Any]) -> None:
    names = [name for name, *_ in definitions(db)]
    assert sorted(figures(db, REPORTS) - set(names) - {"day", "snapshot_at"}) == []
    assert sorted(names) == sorted(set(names))
    assert all(figures(db, [report]) for report in REPORTS)


def test_every_definition_is_of_a_figure(db: psycopg.Connection[Any]) -> None:
    assert sorted({name for name, *_ in definitions(db)} - figures(db, REPORTS)) == []


def test_definitions_use_the_words_that_the_view_explains(db: psycopg.Connection[Any]) -> None:
    rows = definitions(db)
    assert {row[1] for row in rows} <= {"swaps", "trades", "days", "facts", "positions"}
    assert {row[2] for row in rows} <= {
        *("SOL", "USD", "count", "percent", "fraction", "ratio", "seconds", "date", "time"),
    }
    for name, _, unit, formula, source in rows:
        assert formula and source, name
        endings = {"_sol": "SOL", "_usd": "USD", "_percent": "percent", "_day": "date"}
        assert [unit for ending, unit in endings.items() if name.endswith(ending)] in ([], [unit]), name
