"""The command `tradebook demo`: agents that have traded, in a database without users."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from app.commands.output import with_progress
from app.demo import make_demo
from app.postgres.server import server
from app.settings import Settings, SetupError


def full_hour(text: str) -> datetime:
    """An instant as ISO 8601; UTC where no offset is said. Raises ValueError, which click tells as a wrong usage."""
    instant = datetime.fromisoformat(text)
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    if instant.timestamp() % 3600 or instant > datetime.now(UTC):
        raise ValueError
    return instant


@click.command()
@click.option("--days", type=click.IntRange(2, 365), default=30, show_default=True, help="How long they have traded.")
@click.option(
    "--agents",
    type=click.IntRange(1, 100),
    default=8,
    show_default=True,
    help="How many there are; report.demo_agents says how each trades.",
)
@click.option(
    "--until",
    type=full_hour,
    metavar="TIME",
    help="The full hour that it ends with, if not the last one: the same hour, the same trades.",
)
def demo(days: int, agents: int, until: datetime | None) -> None:
    """Fill a database that has no users with agents that trade in simulation, by made-up prices and signals.

    The engine itself makes the trades, in the time of the prices. `scripts/run` makes one of 30 days by itself.
    """
    with server(Settings.from_environment()) as url:
        made = make_demo(
            url, days=days, agents=agents, until=until, track=lambda each: with_progress(each, f"{days} days")
        )
    if not made:
        raise SetupError("The database has users: a demo is made in an empty one alone")
    click.echo(f"{agents} agents have traded for {days} days. See: tradebook report")
