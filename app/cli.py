"""The command `tradebook`."""

from __future__ import annotations

import importlib
import signal
import sys

import click
import psycopg

from app.settings import SetupError

COMMANDS = {
    "run": "app.serve:run",
    "serve": "app.serve:serve",
    "migrate": "app.commands.migrate:migrate",
    "doctor": "app.commands.doctor:doctor",
    "demo": "app.commands.demo:demo",
    "replay": "app.commands.replay:replay",
    "report": "app.commands.report:report",
    "import": "app.commands.import_trades:import_trades",
    "export": "app.commands.export_books:export",
    "user": "app.commands.user:user",
    "api-key": "app.commands.api_key:api_key",
    "grant-bi": "app.commands.grant_bi:grant_bi",
    "openapi": "app.commands.openapi:openapi",
    "jobs": "app.commands.jobs:jobs",
    "audit": "app.commands.audit:audit",
    "verify-seals": "app.commands.verify_seals:verify_seals",
    "rebuild": "app.commands.rebuild:rebuild",
    "backup": "app.commands.backup:backup",
    "restore": "app.commands.restore:restore",
}
"""Each command's name and where it is; in the order of the help, and loaded when it is used."""

REFUSALS = {"TB", "22", "23"}
"""Classes of SQLSTATEs that say that the input is wrong."""


class Commands(click.Group):
    """The commands of COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """One of them; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tradebook")
def tradebook() -> None:
    """The database of a trading engine on Solana, and its HTTP service.

    Settings by environment: DATABASE_URL (a server to use instead of the embedded one), TRADEBOOK_DATA_DIR,
    TRADEBOOK_HOST, TRADEBOOK_PORT, TRADEBOOK_WORKERS, TRADEBOOK_THREADS, TRADEBOOK_ROLE_PREFIX, and those of the HTTP
    service that README.md lists.
    """


def main() -> None:
    """Run the command line: exit 0 when it did what was asked, 1 with words when it could not, 2 for a wrong usage."""
    stop_by_signals()
    try:
        tradebook(prog_name="tradebook")
    except SetupError as error:
        fail(str(error))
    except psycopg.OperationalError as error:
        fail(f"The database cannot be reached, or gave up: {error}")
    except psycopg.Error as error:
        # Imported here, since it loads every query, and most commands fail at something else.
        from app.database import NOT_MIGRATED

        if (error.sqlstate or "") in NOT_MIGRATED:
            fail("The database is not up to date with this program. Run: tradebook migrate")
        if (error.sqlstate or "")[:2] in REFUSALS:
            fail(str(error.diag.message_primary))
        raise


def fail(words: str) -> None:
    """Say why on standard error, and exit with 1."""
    click.echo(f"tradebook: {words}", err=True)
    sys.exit(1)


def stop_by_signals() -> None:
    """Let SIGTERM and a closed terminal end a command as Ctrl-C does, so that it stops what it started.

    Only the first signal counts: another one would break off the stopping, which takes a bounded time.
    """
    signals = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]

    def stop(number: int, _frame: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt(signal.Signals(number).name)

    for each in signals:
        # Under nohup a closed terminal must not stop us; a shell's background job ignores Ctrl-C, but not a kill -INT.
        if each != signal.SIGHUP or signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, stop)
