"""The command `tradebook doctor`."""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich import box
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from app.commands.output import counted
from app.doctor import Finding, State, diagnose
from app.settings import Settings

STYLES = {State.OK: "green", State.WARNING: "yellow", State.PROBLEM: "bold red"}


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Tell what is right and wrong with this set-up, and how to mend it.

    Changes nothing. Exits with 1 when there is a problem, with 0 when there are at most warnings.
    """
    findings = diagnose(Settings.from_environment())
    console = Console()
    console.print(table(findings))
    problems = sum(finding.state is State.PROBLEM for finding in findings)
    console.print(counted(problems, "problem") if problems else "no problem")
    ctx.exit(1 if problems else 0)


def table(findings: Sequence[Finding]) -> Table:
    """The findings, what mends them below each."""
    made = Table("check", "state", Column("found", overflow="fold"), box=box.SIMPLE_HEAD)
    for finding in findings:
        found = Text(finding.found)
        if finding.mend:
            found.append(f"\nto mend: {finding.mend}", style="bold")
        made.add_row(finding.check, Text(finding.state.value, style=STYLES[finding.state]), found)
    return made
