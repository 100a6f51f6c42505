"""`tradebook backup` and `tradebook restore`: what comes back is what there was, all of it, or nothing."""

from __future__ import annotations

import random
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from app.backups import BackupError
from app.commands.backup import backup
from app.commands.restore import restore
from app.postgres.error import PostgresError
from tests.ledger import SOL, Ledger, audit, checksums
from tests.server import Server


@pytest.fixture
def full(db: psycopg.Connection[Any], database_url: str, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """A wallet with every kind of row, seals and an audit; the commands work on its database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    db.autocommit = True
    ledger = Ledger(db)
    ledger.buy("A", "100", "1", fee="0.01", transaction_hash="signature", routes='{"x": 1.10}')
    ledger.buy("A", "100", "2")
    ledger.sell("A", "50", "1", input_symbol="tab\\N 'é' \\")
    ledger.withdraw("A", "10")
    ledger.burn("A", "10")
    db.execute("select book.void_transaction(%s, 'mistake')", [ledger.deposit(SOL, "5")])
    ledger.insert("DEPOSIT", input_mint=SOL, input_amount="1", wallet_address=None)
    db.execute("call jobs.seal_ledgers(now())")
    db.execute("call jobs.audit_wallets(now())")
    return ledger


@pytest.fixture
def empty(postgres: Server) -> Iterator[str]:
    """The URL of an empty database."""
    with psycopg.connect(**postgres.dsn()) as admin:
        admin.execute("create database restored template template0")
        try:
            yield postgres.url("restored")
        finally:
            admin.execute("drop database restored with (force)")


def run(command: Any, path: Path) -> Result:
    return CliRunner().invoke(command, [str(path)], catch_exceptions=False)


def test_what_is_restored_is_what_was_backed_up(
    full: Ledger, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.backup"
    made = run(backup, path)
    assert made.exit_code == 0
    assert made.output.startswith(f"{path}: 8 facts, ")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["book.backup"]
    before = checksums(full.db)
    last = full.rows("select max(ledger_order) as n from agent_transactions")[0]["n"]

    monkeypatch.setenv("DATABASE_URL", empty)
    result = run(restore, path)
    assert result.exit_code == 0, result.output
    assert "1 wallet, 8 facts" in result.output
    assert "audit: 0 violations; seals: 0 wallets altered" in result.output
    with psycopg.connect(empty) as there:
        restored = checksums(there)
        # A client that was told of what came after the backup cannot go on from there.
        assert restored.pop("event_numbering") != before.pop("event_numbering")
        assert there.execute("select pruned_sequence from event_numbering").fetchone() == (1_000_000_000,)
        assert restored == before
        assert audit(there) == []
        # The triggers are back, and numbers go on where they were.
        full.db = there
        new = full.fact(full.sell("A", "1", "1"))
        assert new["ledger_order"] > last
        assert full.position("A") is not None
        assert len(full.swaps()) == 3
        assert audit(there) == []


@pytest.fixture
def other_prefix(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The prefix of another installation's roles on the same server."""
    monkeypatch.setenv("TRADEBOOK_ROLE_PREFIX", "restored")
    yield "restored"
    with psycopg.connect(**postgres.dsn()) as admin:
        for purpose in ("owner", "book", "api", "bi", "jobs", "feed"):
            admin.execute(f"drop role if exists restored_{purpose}")


def test_what_is_restored_belongs_to_the_roles_of_this_installation(
    full: Ledger, other_prefix: str, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "book.backup"
    run(backup, path)
    monkeypatch.setenv("DATABASE_URL", empty)
    assert run(restore, path).exit_code == 0
    with psycopg.connect(empty) as there:
        owners = there.execute("select distinct tableowner from pg_tables where schemaname = 'public'").fetchall()
        strangers = there.execute("select 1 where has_schema_privilege('tradebook_api', 'book', 'usage')").fetchall()
    assert owners == [(f"{other_prefix}_owner",)]
    assert strangers == []


def test_a_backup_is_of_one_moment_while_others_write(
    full: Ledger, empty: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()
    written = threading.Event()

    def write() -> None:
        with psycopg.connect(database_url, autocommit=True) as connection:
            full.db = connection
            chance = random.Random(1)
            while not done.is_set():
                full.buy("B", "10", "0.001")
                full.sell("B", str(chance.randint(1, 10)), "0.001")
                written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        written.wait(60)
        assert run(backup, tmp_path / "book.backup").exit_code == 0
    finally:
        done.set()
        writer.join()
    monkeypatch.setenv("DATABASE_URL", empty)
    result = run(restore, tmp_path / "book.backup")
    assert result.exit_code == 0, result.output


@pytest.mark.spoils_the_book
def test_a_book_that_did_not_hold_is_told_when_it_is_restored(
    full: Ledger, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full.db.execute("set session_replication_role = replica")
    full.db.execute("update agent_transactions set fees_usd = fees_usd + 1 where transaction_hash is not null")
    run(backup, tmp_path / "book.backup")
    monkeypatch.setenv("DATABASE_URL", empty)
    result = run(restore, tmp_path / "book.backup")
    assert result.exit_code == 1
    assert "1 wallet altered" in result.output
    assert "audit: 0 violations" not in result.output


def test_a_backup_overwrites_nothing(full: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "book.backup"
    path.write_text("mine")
    with pytest.raises(BackupError, match="exists already"):
        run(backup, path)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_restore_leaves_a_database_alone_that_has_something(full: Ledger, tmp_path: Path) -> None:
    run(backup, tmp_path / "book.backup")
    before = checksums(full.db)
    with pytest.raises(BackupError, match="is not empty"):
        run(restore, tmp_path / "book.backup")
    assert checksums(full.db) == before


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_is_not_whole_restores_nothing(
    full: Ledger, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: float
) -> None:
    path = tmp_path / "book.backup"
    run(backup, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * part)])
    monkeypatch.setenv("DATABASE_URL", empty)
    with pytest.raises(BackupError, match="could not be restored, and the database stays empty"):
        run(restore, path)
    with psycopg.connect(empty) as there:
        assert checksums(there) == {}


def test_a_file_with_another_bit_restores_nothing(
    full: Ledger, empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column of another type takes the rows, and the audit holds, but it rounds what comes later."""
    path = tmp_path / "book.backup"
    run(backup, path)
    whole = path.read_bytes()
    spoiled = whole.replace(b"input_amount numeric(38,18)", b"input_amount numeric(38,10)")
    assert sum(one != other for one, other in zip(whole, spoiled, strict=True)) == 1
    path.write_bytes(spoiled)
    monkeypatch.setenv("DATABASE_URL", empty)
    with pytest.raises(BackupError, match="its checksum differs"):
        run(restore, path)
    with psycopg.connect(empty) as there:
        assert checksums(there) == {}


def test_a_file_that_is_not_there_is_told(empty: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", empty)
    with pytest.raises(BackupError, match="there is no file"):
        run(restore, tmp_path / "none")


def test_a_role_that_is_not_shown_all_rows_makes_no_backup(
    full: Ledger, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full.db.execute("create role half_blind login")
    try:
        full.db.execute("grant tradebook_bi to half_blind")
        monkeypatch.setenv("DATABASE_URL", postgres.url(full.db.info.dbname, "half_blind"))
        with pytest.raises(BackupError, match=r"is not shown all rows of .*agent_transactions"):
            run(backup, tmp_path / "book.backup")
        full.db.execute("grant tradebook_owner to half_blind")
        assert run(backup, tmp_path / "book.backup").exit_code == 0
    finally:
        full.db.execute("drop role half_blind")


def test_the_role_that_migrates_makes_a_backup(
    full: Ledger, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no superuser: it is shown all rows by the owner's policies."""
    full.db.execute("create role migrator login in role tradebook_owner")
    try:
        monkeypatch.setenv("DATABASE_URL", postgres.url(full.db.info.dbname, "migrator"))
        assert run(backup, tmp_path / "book.backup").output.startswith(f"{tmp_path / 'book.backup'}: 8 facts, ")
    finally:
        full.db.execute("drop role migrator")


def test_programs_that_are_older_than_the_server_are_told(
    full: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 14.1'\n")
    (programs / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PGBINDIR", str(programs))
    with pytest.raises(PostgresError, match=r"there is no pg_dump of that version or a newer one \(14 in "):
        run(backup, tmp_path / "book.backup")
    assert list(tmp_path.iterdir()) == [programs]
