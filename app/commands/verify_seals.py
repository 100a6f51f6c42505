"""The command `tradebook verify-seals`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from app.commands.output import counted, print_table
from app.database import connect, queries
from app.postgres.server import server
from app.settings import Settings, SetupError


@click.command(name="verify-seals")
@click.option("--wallet", metavar="ADDRESS", help="Only this wallet.")
@click.option("--heads", type=click.Path(path_type=Path, dir_okay=False), help="What an earlier run had printed.")
@click.pass_context
def verify_seals(ctx: click.Context, wallet: str | None, heads: Path | None) -> None:
    """Tell whether sealed facts and voids are still what they were, and print the heads of the chains.

    A head is a line of wallet, number of its newest seal, hash and time, separated by tabs. Keep them where nobody who
    can change the database can: with --heads they show a chain that was made anew or cut at its end. Whatever else is
    told goes to standard error. Exits with 1 when something was altered.
    """
    kept = _read_heads(heads, wallet)
    with server(Settings.from_environment()) as url, connect(url) as connection, connection.transaction():
        problems = [
            [row["wallet_address"], row["number"], row["row_id"], row["problem"]]
            for row in queries.verify_seals(connection, wallet=wallet)
        ]
        problems += [
            [row["wallet_address"], row["number"], None, row["problem"]]
            for row in queries.lost_seals(connection, heads=json.dumps(kept))
        ]
        found = list(queries.seal_heads(connection, wallet=wallet))
        unsealed = queries.facts_without_seal(connection, wallet=wallet)
    for head in found:
        click.echo("\t".join(str(head[key]) for key in ("wallet_address", "number", "hash", "sealed_at")))
    if problems:
        print_table(["wallet", "seal", "transaction", "problem"], problems, err=True)
    sealed = [
        counted(len(found), "wallet"),
        counted(sum(head["facts"] for head in found), "sealed fact"),
        counted(sum(head["voids"] for head in found), "sealed void"),
        f"{counted(unsealed, 'fact')} in no seal yet",
    ]
    click.echo(f"{'the seals are broken' if problems else 'the seals hold'}: {', '.join(sealed)}", err=True)
    ctx.exit(1 if problems else 0)


def _read_heads(path: Path | None, wallet: str | None) -> list[dict[str, Any]]:
    """The heads in a file, of one wallet if given: wallet_address, number, hash. Raises SetupError."""
    if path is None:
        return []
    try:
        lines = [line.split("\t") for line in path.read_text().splitlines() if line]
        heads = [{"wallet_address": line[0], "number": int(line[1]), "hash": line[2]} for line in lines]
    except OSError as error:
        raise SetupError(f"{path}: {error.strerror}") from error
    except (UnicodeDecodeError, ValueError, IndexError) as error:
        raise SetupError(f"{path} is not what verify-seals prints: {error}") from error
    return [head for head in heads if wallet in (None, head["wallet_address"])]
