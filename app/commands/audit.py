"""The command `tradebook audit`."""

from __future__ import annotations

from typing import Any

import click

from app.commands.output import counted, print_table
from app.database import Connection, connect, queries
from app.postgres.server import server
from app.settings import Settings, SetupError

COLUMNS = {
    "law": "law",
    "wallet_address": "wallet",
    "token_address": "token",
    "subject": "what",
    "row_id": "row",
    "expected": "expected",
    "actual": "actual",
}
"""Columns of the query, and how the table heads them."""


@click.command()
@click.option("--wallet", metavar="ADDRESS", help="Only this wallet.")
@click.option("--changed", is_flag=True, help="Only wallets that changed since their last such audit; remembers it.")
@click.pass_context
def audit(ctx: click.Context, wallet: str | None, changed: bool) -> None:
    """Prove the book: compare balances, positions and gains with the facts.

    Exits with 1 when there is a violation, and prints them. Writers wait for nothing.
    """
    if wallet is not None and changed:
        raise click.UsageError("--wallet and --changed exclude each other")
    with server(Settings.from_environment()) as url, connect(url) as connection:
        connection.autocommit = True
        if changed:
            wallets, facts, violations = _audit_changed(connection)
        else:
            wallets, facts = _wallets_and_facts(connection, wallet)
            violations = list(queries.ledger_audit(connection, wallets=None if wallet is None else [wallet]))
    if changed and not wallets:
        click.echo("no wallet has changed since it was audited last")
        return
    if violations:
        print_table(list(COLUMNS.values()), ([row[column] for column in COLUMNS] for row in violations))
    verdict = "the book does not hold" if violations else "the book holds"
    words = [counted(wallets, "wallet"), counted(facts, "fact"), counted(len(violations), "violation")]
    click.echo(f"{verdict}: {', '.join(words)}")
    ctx.exit(1 if violations else 0)


def _wallets_and_facts(connection: Connection, wallet: str | None) -> tuple[int, int]:
    """Wallets and facts of an audit. Raises SetupError where the wallet is unknown."""
    counts = queries.wallets_and_facts(connection, wallet=wallet)
    if wallet is not None and counts["wallets"] == 0:
        raise SetupError(f"There is no wallet {wallet}")
    return counts["wallets"], counts["facts"]


def _audit_changed(connection: Connection) -> tuple[int, int, list[Any]]:
    """Audit what changed: wallets and facts that were read, and the violations."""
    since = queries.clock(connection)
    queries.audit_changed_wallets(connection)
    audits = list(queries.audits_since(connection, since=since))
    wrong = [audit["wallet_address"] for audit in audits if audit["violations"]]
    violations = list(queries.ledger_audit(connection, wallets=wrong)) if wrong else []
    return len(audits), sum(audit["facts"] for audit in audits), violations
