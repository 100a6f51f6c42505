"""The doctor, on set-ups with one thing wrong each."""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from app import doctor
from app import migrate as runner
from app.commands.doctor import doctor as command
from app.doctor import Finding, State, diagnose, without_password, wrong_with
from app.postgres.server import server
from app.settings import Settings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A program with two migrations and one file of code."""
    for name, text in {
        "migrations/0001_one.sql": "create table one ();\n",
        "migrations/0002_two.sql": "create table two ();\n",
        "sql/views/one.sql": "create view report.one as select 1 as one;\n",
    }.items():
        path = tmp_path / "program" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "program"


@pytest.fixture
def url(postgres: Any) -> Iterator[str]:
    """A new, empty database."""
    name = f"doctor_{uuid.uuid4().hex}"
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute(f"create database {name} encoding 'UTF8' template template0 strategy file_copy")
        yield make_conninfo(postgres.url(), dbname=name)
        connection.execute(f"drop database {name} with (force)")


@pytest.fixture
def migrated(url: str, folder: Path) -> str:
    """A database that the program has migrated."""
    runner.migrate(url, lambda _: None, migrations=folder / "migrations", code=folder / "sql")
    return url


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def settings(tmp_path: Path, url: str | None = None, **more: str) -> Settings:
    given = {"TRADEBOOK_DATA_DIR": str(tmp_path / "data"), "TRADEBOOK_PORT": str(free_port())} | more
    return Settings.from_environment(given if url is None else given | {"DATABASE_URL": url})


def ask(tmp_path: Path, folder: Path, url: str) -> list[Finding]:
    """What is wrong with a database, apart from the test server's lack of durability and this environment."""
    found = diagnose(settings(tmp_path, url), migrations=folder / "migrations", code=folder / "sql")
    others = ("packages", "durability", "Python")
    return [finding for finding in found if finding.state is not State.OK and finding.check not in others]


def run(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_migrated_database_has_no_problem(tmp_path: Path, folder: Path, migrated: str) -> None:
    assert ask(tmp_path, folder, migrated) == []


def test_a_new_database_needs_migrating(tmp_path: Path, folder: Path, url: str) -> None:
    found = ask(tmp_path, folder, url)
    assert [(finding.check, finding.found, finding.mend) for finding in found] == [
        ("migrations", "not applied yet: 0001_one, 0002_two", "run `tradebook migrate`"),
        ("code", "not applied yet", "run `tradebook migrate`"),
    ]


def test_nothing_is_made_by_asking(tmp_path: Path, folder: Path, url: str) -> None:
    ask(tmp_path, folder, url)
    diagnose(settings(tmp_path))
    with psycopg.connect(url) as connection:
        assert connection.execute("select 1 from pg_namespace where nspname = 'installed'").fetchall() == []
    assert not (tmp_path / "data").exists()


def test_an_edited_migration_is_told(tmp_path: Path, folder: Path, migrated: str) -> None:
    (folder / "migrations/0001_one.sql").write_text("create table other ();\n")
    (finding,) = ask(tmp_path, folder, migrated)
    assert finding.found == "edited after being applied: 0001_one"


def test_a_migration_of_a_newer_program_is_told(tmp_path: Path, folder: Path, migrated: str) -> None:
    (folder / "migrations/0002_two.sql").unlink()
    (finding,) = ask(tmp_path, folder, migrated)
    assert finding.found == "applied by a newer program: 0002_two"


def test_a_migration_that_was_applied_and_not_marked_is_told(tmp_path: Path, folder: Path, migrated: str) -> None:
    run(migrated, "delete from installed._yoyo_migration where migration_id = '0002_two'")
    (finding,) = ask(tmp_path, folder, migrated)
    assert finding.found == "applied by a run that was killed, and not marked: 0002_two"
    assert finding.mend == "run `tradebook migrate`, which marks them"


def test_a_lock_row_of_a_dead_run_is_told(tmp_path: Path, folder: Path, migrated: str) -> None:
    run(migrated, "insert into installed.yoyo_lock (locked, ctime, pid) values (1, now(), 4711)")
    (finding,) = ask(tmp_path, folder, migrated)
    assert (finding.check, finding.state, finding.found) == ("yoyo's lock", State.WARNING, "left by process 4711")


def test_changed_code_is_told(tmp_path: Path, folder: Path, migrated: str) -> None:
    (folder / "sql/views/one.sql").write_text("create view report.one as select 2 as one;\n")
    (finding,) = ask(tmp_path, folder, migrated)
    assert (finding.check, finding.mend) == ("code", "run `tradebook migrate`")


def test_code_of_a_newer_program_is_told(tmp_path: Path, folder: Path, migrated: str) -> None:
    run(migrated, "update installed.code set program_version = '99.1'")
    (finding,) = ask(tmp_path, folder, migrated)
    assert finding.mend == "install tradebook 99.1 or newer"


def test_who_migrates_now_is_told(tmp_path: Path, folder: Path, migrated: str) -> None:
    with psycopg.connect(migrated, autocommit=True, application_name="a colleague") as holder:
        holder.execute("select pg_advisory_lock(%s)", [runner.RUN_LOCK])
        holder.execute("insert into installed.yoyo_lock (locked, ctime, pid) values (1, now(), 4711)")
        (finding,) = ask(tmp_path, folder, migrated)
        assert finding.check == "migrating now"
        assert finding.found.startswith("a colleague of role ")
        assert finding.mend == f"wait for it; if it hangs: select pg_terminate_backend({holder.info.backend_pid})"


def test_a_role_that_may_not_migrate_is_told_what_is_missing(tmp_path: Path, folder: Path, migrated: str) -> None:
    role = f"weak_{uuid.uuid4().hex}"
    owner = conninfo_to_dict(migrated)["user"]
    run(migrated, f"create role {role} login", f"grant usage on schema installed to {role}")
    try:
        found = ask(tmp_path, folder, make_conninfo(migrated, user=role))
        mends = {finding.found: finding.mend for finding in found if finding.check == "rights"}
        assert len(mends) == 7
        assert (
            mends[f"role {role} may not make tables in schema public"]
            == f"as the owner: grant create on schema public to {role}"
        )
        assert mends[f"role {role} does not own schema book"] == f"as the owner: grant {owner} to {role}"
        # What that role may not read hides nothing else.
        assert {"migrations", "code"} <= {finding.check for finding in found}
    finally:
        run(migrated, f"drop owned by {role}", f"drop role {role}")


def test_durability_that_is_off_is_a_warning(tmp_path: Path, migrated: str) -> None:
    found = diagnose(settings(tmp_path, make_conninfo(migrated, options="-c synchronous_commit=off")))
    assert ("durability", State.WARNING, "alter system reset synchronous_commit") in [
        (finding.check, finding.state, finding.mend) for finding in found
    ]


@pytest.mark.parametrize(("seconds", "words"), [(60, "behind"), (-60, "ahead")])
def test_clocks_that_differ_are_told(
    tmp_path: Path, folder: Path, migrated: str, monkeypatch: pytest.MonkeyPatch, seconds: int, words: str
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(UTC) + timedelta(seconds=seconds)

    monkeypatch.setattr(doctor, "datetime", Clock)
    (finding,) = ask(tmp_path, folder, migrated)
    assert finding.found == f"60.0 s apart: the server's is {words}"


def test_an_old_server_is_told(tmp_path: Path, folder: Path, migrated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "server_version", 140011)
    (finding,) = ask(tmp_path, folder, migrated)
    assert finding.found.startswith("PostgreSQL 14.11, ")
    assert finding.mend == "upgrade it to PostgreSQL 15 or newer"


def test_a_standby_and_a_pooler_are_told(
    tmp_path: Path, folder: Path, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", 1)
    (finding,) = ask(tmp_path, folder, migrated)
    assert (finding.check, finding.state) == ("pooler", State.WARNING)
    monkeypatch.setattr(doctor.queries, "in_recovery", lambda _: True)
    finding = ask(tmp_path, folder, migrated)[0]
    assert finding.mend == "point DATABASE_URL at its primary"


def test_another_encoding_is_told(tmp_path: Path, folder: Path, postgres: Any) -> None:
    name = f"latin_{uuid.uuid4().hex}"
    run(postgres.url(), f"create database {name} encoding 'LATIN1' locale 'C' template template0")
    try:
        found = ask(tmp_path, folder, make_conninfo(postgres.url(), dbname=name))
        assert ("encoding", "LATIN1") in [(finding.check, finding.found) for finding in found]
    finally:
        run(postgres.url(), f"drop database {name} with (force)")


def test_a_server_that_cannot_be_reached_hides_nothing_else(tmp_path: Path) -> None:
    found = diagnose(settings(tmp_path, f"postgresql://nobody@/x?host={tmp_path}&password=secret"))
    states = {finding.check: finding.state for finding in found}
    assert states["server"] is State.PROBLEM
    assert {"Python", "packages", "binaries", "data directory", "port"} <= states.keys()
    assert not any("secret" in finding.found for finding in found)


def test_a_check_that_fails_hides_no_other(
    tmp_path: Path, folder: Path, migrated: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Iterator[Finding]:
        raise ZeroDivisionError("of a bug")

    expected = {finding.check for finding in diagnose(settings(tmp_path, migrated))}
    for name in ("python", "port", "clocks", "history"):
        with monkeypatch.context() as patch:
            patch.setattr(doctor, name, fails)
            found = diagnose(settings(tmp_path, migrated))
            assert {finding.check for finding in found} == expected
            assert [finding.found for finding in found if "ZeroDivisionError: of a bug" in finding.found]


def test_an_embedded_server_that_is_not_made_yet_is_not_made(tmp_path: Path) -> None:
    found = diagnose(settings(tmp_path))
    (finding,) = [finding for finding in found if finding.check == "server"]
    assert (finding.found, finding.mend) == ("the embedded server is not made yet", "run scripts/run")
    # Neither where an interrupted first start left an empty folder.
    (tmp_path / "data/cluster").mkdir(parents=True)
    assert finding in diagnose(settings(tmp_path))
    assert list((tmp_path / "data/cluster").iterdir()) == []


def test_an_embedded_server_that_is_stopped_is_asked_and_stopped_again(tmp_path: Path, folder: Path) -> None:
    here = settings(tmp_path)
    with server(here, lambda _: None) as url:
        runner.migrate(url, lambda _: None, migrations=folder / "migrations", code=folder / "sql")
    found = diagnose(here, migrations=folder / "migrations", code=folder / "sql")
    assert {finding.check for finding in found if finding.state is not State.OK} <= {"packages", "Python"}
    assert {"cluster", "server", "code"} <= {finding.check for finding in found}
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


def test_a_cluster_of_another_major_version_is_told(tmp_path: Path) -> None:
    (tmp_path / "data/cluster").mkdir(parents=True)
    (tmp_path / "data/cluster/PG_VERSION").write_text("12\n")
    found = {finding.check: finding for finding in diagnose(settings(tmp_path))}
    assert found["cluster"].found.startswith("made by PostgreSQL 12, and the programs are of ")


def test_little_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 5_000_000}))
    assert "5 MB are free" in " ".join(finding.found for finding in diagnose(settings(tmp_path)))


def test_a_port_that_another_program_uses_is_told(tmp_path: Path) -> None:
    (finding,) = port_findings(tmp_path, b"")
    assert finding.state is State.PROBLEM
    assert finding.mend == "end the program that uses it, or set TRADEBOOK_PORT"
    (finding,) = port_findings(tmp_path, b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n")
    assert finding.state is State.PROBLEM


def test_a_port_where_tradebook_answers_is_well(tmp_path: Path) -> None:
    (finding,) = port_findings(tmp_path, b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}")
    assert (finding.state, finding.found.split(", ")[1]) == (State.OK, "tradebook answers there")


def port_findings(tmp_path: Path, answer: bytes) -> list[Finding]:
    """What the doctor says of a port on which a program answers one request."""

    def serve(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            connection.recv(1000)
            connection.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener])
        thread.start()
        found = list(doctor.port(settings(tmp_path, TRADEBOOK_PORT=str(listener.getsockname()[1]))))
        thread.join()
    return found


@pytest.mark.parametrize(
    ("requirement", "words"),
    [
        ("no-such-package>=1", "no-such-package is not installed"),
        ("aiosql>=9999", "9999 or newer is needed"),
        ("psycopg[binary]>=3.2", None),
        ("yoyo-migrations>=9.0,<10", None),
    ],
)
def test_packages_are_there_and_new_enough(requirement: str, words: str | None) -> None:
    wrong = wrong_with(requirement, doctor.importable_names())
    assert wrong is None if words is None else words in (wrong or "")


def test_a_package_that_cannot_be_imported_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(name: str) -> None:
        raise ImportError(f"a library of {name} is missing")

    monkeypatch.setattr(doctor.importlib, "import_module", fails)
    assert "cannot be imported: a library of aiosql is missing" in (
        wrong_with("aiosql>=15", doctor.importable_names()) or ""
    )


def test_a_python_that_is_too_old_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PYTHONS", ((9, 1), (9, 2)))
    (finding,) = doctor.python()
    assert finding.state is State.PROBLEM


def test_a_password_is_not_shown() -> None:
    words = without_password("postgresql+psycopg://me:secret@server:6543/trades?application_name=x")
    assert words == "host server, port 6543, dbname trades, user me"


def test_the_command_shows_each_problem_and_how_to_mend_it(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("TRADEBOOK_PORT", str(free_port()))
    monkeypatch.setenv("COLUMNS", "200")
    result = CliRunner().invoke(command)
    assert result.exit_code == 1
    assert "to mend: run `tradebook migrate`" in result.output
    assert result.output.rstrip().endswith("problems")


def test_warnings_alone_do_not_fail_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [Finding("a", State.OK, "[b]"), Finding("c", State.WARNING, "d", "e")]
    monkeypatch.setattr("app.commands.doctor.diagnose", lambda _: findings)
    result = CliRunner().invoke(command, env={name: None for name in os.environ if name.startswith("TRADEBOOK_")})
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "no problem")
    assert "[b]" in result.output
