"""`scripts/bench` measures, audits every book, and says so: that it works, not how fast anything is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests import server
from tests.bench import readme
from tests.bench.__main__ import Run
from tests.bench.books import AS_API, USER, connected, make_wallets
from tests.bench.case import QUICK, Case, Effort
from tests.bench.cases import CASES
from tests.bench.place import LedgerError, Place
from tests.bench.results import MEASURED, Figure, Line, Result, at_least, at_most, keep, kept
from tests.bench.web import is_whole
from tests.ledger import value

TOP = Path(__file__).parents[1]
SPOIL = "update agent_balances set balance = '1'"


@pytest.fixture
def place(postgres: server.Place, template: str) -> Place:
    """On the tests' server."""
    return Place(postgres, template)


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.bench", *arguments], cwd=TOP, capture_output=True, text=True, check=False
    )


def test_a_case_is_measured_beside_its_yardstick_and_every_repetition_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    done = bench("--quick", "signal", "--json", str(file))
    assert done.returncode == 0, done.stderr
    (result,) = kept(file)
    assert result["isQuick"]
    assert result["settings"]["fsync"] == result["settings"]["synchronous_commit"] == "on"
    assert len(result["commit"].removesuffix("-dirty")) == 40
    assert [(figure["name"], len(figure["values"])) for figure in result["figures"]] == [
        ("one signal", 2),
        ("one by one", 2),
        ("one signal of one by one", 2),
    ]
    assert min(value for figure in result["figures"] for value in figure["values"]) > 0
    (audit,) = result["audits"]
    assert audit["wallets"] == 10
    assert "audited without findings" in done.stdout


def test_a_case_that_is_none_is_told() -> None:
    done = bench("speed")
    assert done.returncode == 2
    assert "there is no case speed" in done.stderr


def test_quick_figures_are_not_put_among_the_others(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    keep(file, [result_of("signal", 1)], {"isQuick": False}, list(CASES))
    done = bench("--quick", "signal", "--json", str(file))
    assert done.returncode == 2
    assert "not to be mixed" in done.stderr


def test_a_finding_of_the_audit_fails_the_run_and_the_figures_count_for_nothing(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(place, QUICK)
    run.measure(Case("spoiled", "", (), measure_and_spoil, False))
    assert "LedgerError: the audit has" in capsys.readouterr().err
    assert run.has_failed
    assert run.results == []


def measure_and_spoil(place: Place, effort: Effort) -> list[Figure]:
    with place.book("spoiled") as url:
        spoil(url, 2)
    return [Figure("figure", "ms", [1.0])]


def spoil(url: str, wallets: int) -> None:
    with connected(url) as db:
        if wallets:
            make_wallets(db, wallets)
        db.execute("set role tradebook_book")
        db.execute(SPOIL)


def test_the_book_that_cases_share_is_audited_after_the_last_of_them(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(place, QUICK)

    def look(place: Place, effort: Effort) -> list[Figure]:
        assert place.large(10)
        return [Figure("figure", "ms", [1.0])]

    def look_and_spoil(place: Place, effort: Effort) -> list[Figure]:
        spoil(place.large(10), 0)
        return [Figure("figure", "ms", [1.0])]

    run.measure(Case("one", "", (), look, True))
    assert run.results == [], "it has not been audited yet"
    run.end_large_book()
    assert [(result.case, [audit.wallets for audit in result.audits]) for result in run.results] == [("one", [202])]
    assert not run.has_failed
    run.measure(Case("one", "", (), look, True))
    run.measure(Case("two", "", (), look_and_spoil, True))
    run.end_large_book()
    assert "LedgerError: the audit has" in capsys.readouterr().err
    assert run.has_failed
    assert len(run.results) == 1


def test_every_wallet_is_audited(place: Place) -> None:
    with pytest.raises(LedgerError, match="the audit has"), place.book("spoiled") as url, connected(url) as db:
        make_wallets(db, 250)
        db.execute("set role tradebook_book")
        db.execute(f"{SPOIL} where wallet_address = (select max(w.wallet_address) from agent_wallets as w)")


def test_a_case_that_breaks_fails_the_run_and_the_others_are_measured(place: Place) -> None:
    def break_(place: Place, effort: Effort) -> list[Figure]:
        raise RuntimeError

    run = Run(place, QUICK)
    run.measure(Case("broken", "", (), break_, False))
    run.measure(Case("whole", "", (), lambda place, effort: [Figure("figure", "ms", [1.0])], False))
    assert run.has_failed
    assert [result.case for result in run.results] == ["whole"]


def test_what_is_measured_is_held_to_row_security(db: psycopg.Connection, database_url: str) -> None:
    make_wallets(db, 1)
    other = value(db, "insert into users (email) values ('other@example.org') returning id")
    db.execute("insert into agents (user_id, name) values (%s, 'other')", [other])
    db.commit()
    with connected(database_url, AS_API) as api:
        assert value(api, "select current_user") == "tradebook_api"
        assert not value(api, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user")
        assert [user for (user,) in api.execute("select user_id::text from agents")] == [USER]


def test_a_case_that_is_measured_again_has_its_own_commit_and_the_others_keep_theirs(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    keep(file, [result_of("signal", 1), result_of("growth", 1), result_of("gone", 1)], {"commit": "old"}, list(CASES))
    keep(file, [result_of("growth", 2), result_of("batches", 2)], {"commit": "new"}, list(CASES))
    assert [(one["case"], one["commit"], one["figures"][0]["values"]) for one in kept(file)] == [
        ("batches", "new", [2]),
        ("signal", "old", [1]),
        ("growth", "new", [2]),
    ]


def result_of(case: str, figure: float) -> Result:
    return Result(case, "", (), [Figure("figure", "ms", [figure])], 1.0, [])


def test_an_answer_is_whole_when_its_body_is() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
    assert [is_whole(text) for text in (b"", head[:20], head, head + b"{}", head + b"{}{}")] == [False] * 4 + [True]
    with pytest.raises(RuntimeError, match="503"):
        is_whole(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")


# The README


def test_the_readme_tells_what_was_measured_last() -> None:
    text = readme.README.read_text()
    assert text == readme.with_tables(text, kept(MEASURED)), "scripts/bench --readme writes it"


def test_every_case_was_measured_whole() -> None:
    assert [(result["case"], result["isQuick"]) for result in kept(MEASURED)] == [(name, False) for name in CASES]


def test_the_table_tells_medians_ranges_and_what_was_not_reached() -> None:
    result = {
        "case": "speed",
        "about": "About",
        "commit": "c" * 40,
        "measuredAt": "2026-01-01T00:00:00",
        "seconds": 1,
        "postgresql": "18.6",
        "machine": dict.fromkeys(("processor", "cpus", "memoryGiB", "system", "python"), "x"),
        "lines": [
            line("ours", "theirs", "ratio", at_least(1, "ratio")),
            line("theirs", None, None, at_most(20, "theirs")),
        ],
        "figures": [
            figure("ours", "/s", 5, 1000, 7),
            figure("theirs", "ms", 14, 14, 14),
            figure("ratio", "", 0.5, 0.4, 0.6),
        ],
    }
    told = readme.tables([result]).splitlines()
    assert told[-2:] == [
        "| About | ours: 7/s (5 to 1,000) | theirs: 14 ms | 0.50 | at least 1 | **no** |",
        "| | theirs: 14 ms | | | at most 20 ms | yes |",
    ]
    assert "- About: ratio is 0.50, to be at least 1." in told


def line(figure: str, yardstick: str | None, ratio: str | None, aim: object) -> dict[str, object]:
    return json.loads(json.dumps(Line(figure, yardstick, ratio, aim), default=vars))  # type: ignore[arg-type]


def figure(name: str, unit: str, *values: float) -> dict[str, object]:
    return vars(Figure(name, unit, list(values)))
