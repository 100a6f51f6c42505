"""The command `tradebook report`: what an agent holds and earned, as a picture in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from app.commands.output import counted
from app.commands.whose import act_for_user, agent_named
from app.database import Connection, connect, queries
from app.postgres.server import server
from app.settings import Settings

PERIODS: dict[str, tuple[timedelta | None, str]] = {
    "24h": (timedelta(hours=24), "the last 24 hours"),
    "7d": (timedelta(days=7), "the last 7 days"),
    "30d": (timedelta(days=30), "the last 30 days"),
    "all": (None, "all time"),
}

WIDTH = 80
"""Characters in a line, however wide the terminal is."""
POINTS = 48
"""Points of the equity at most."""
TRADES = 3
"""How many of the best trades, and of the worst."""
GROUPS = 8

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII_BLOCKS = "_.:-=+*#"


@click.command()
@click.option("--agent", "named", metavar="ID|NAME", help="This agent, in detail.")
@click.option("--user", metavar="EMAIL", help="Only what this user sees.")
@click.option("--period", type=click.Choice(list(PERIODS)), default="all", show_default=True)
def report(named: str | None, user: str | None, period: str) -> None:
    """Show what the agents hold and earned; one of them in detail.

    What is held is of now; gains, trades and equity are of the period. Amounts are rounded for the eye: the views have
    them exact.
    """
    settings = Settings.from_environment()
    console = Console(highlight=False)
    console.width = min(WIDTH, console.width) if console.is_terminal else WIDTH
    with server(settings) as url, connect(url) as connection:
        connection.read_only = True
        reader = act_for_user(connection, settings, user)
        agent = agent_named(connection, named, reader)
        agents = list(queries.report_agents(connection, agent=agent))
        if not agents:
            console.print("There is no agent yet.")
        elif len(agents) > 1:
            _print_agents(console, agents)
        else:
            length, words = PERIODS[period]
            console.print(Text(f"{agents[0]['agent_name']}, {words}", style="bold"))
            _print_agent(console, connection, agents[0]["agent_id"], length)


def _print_agents(console: Console, agents: Sequence[Any]) -> None:
    rows = [
        [
            row["agent_name"],
            amount(row["portfolio_sol"]),
            gain(row["realized_gain_sol"]),
            gain(row["unrealized_gain_sol"]),
            str(row["trades"]),
            percent(row["win_rate_percent"]),
        ]
        for row in agents
    ]
    _print_table(console, None, ["agent", "portfolio SOL", "realized", "unrealized", "trades", "won"], rows)
    console.print("More about one of them: tradebook report --agent NAME")


def _print_agent(console: Console, connection: Connection, agent: UUID, length: timedelta | None) -> None:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(no_wrap=True)
    lines.add_column(overflow="fold")
    figures = queries.report_figures(connection, agent=agent, length=length)
    portfolio = queries.report_portfolio(connection, agent=agent)
    for name, words in [
        ("Now", _portfolio(portfolio)),
        ("Gain", _gain(figures)),
        ("Trades", _trades(figures)),
        ("Equity", _equity(console, connection, agent, length)),
    ]:
        lines.add_row(name, words)
    console.print(lines)
    if not figures["trades"] and not figures["realized_gain_sol"]:
        return
    trades = list(queries.report_trades(connection, agent=agent, length=length, most=TRADES))
    if trades:
        _print_table(
            console,
            "Best and worst trades" if len(trades) > 1 else "The trade",
            ["token", "gain SOL", "return", "invested", "held", "closed (UTC)", "ended by"],
            [
                [
                    row["token_symbol"] or row["token_address"],
                    gain(row["profit_sol"]),
                    percent(row["return_percent"], sign="+"),
                    amount(row["invested_sol"]),
                    duration(row["holding_seconds"]),
                    row["closed_at"].replace("T", " ")[:16],
                    row["ended_by"],
                ]
                for row in trades
            ],
        )
    for grouped_by, title in [("token", "By token"), ("close_reason", "By the reason of closing")]:
        groups = list(queries.report_groups(connection, agent=agent, grouped_by=grouped_by, length=length, most=GROUPS))
        if groups:
            _print_groups(console, title, grouped_by.replace("close_", ""), groups)


def _portfolio(held: Any) -> Text:
    if not held["wallets"]:
        return Text("no wallet")
    words = Text(f"{amount(held['portfolio_sol'])} SOL")
    if held["portfolio_usd"] is not None:
        words.append(f" ({held['portfolio_usd']:,.2f} USD)")
    if not held["open_positions"]:
        return words.append(", no open position")
    words.append(f": {amount(held['sol_balance'])} SOL and {counted(held['open_positions'], 'open position')}")
    if held["oldest_price_seconds"] is not None:
        words.append(f" worth {amount(held['positions_value_sol'])}, unrealized ")
        words.append(_colored(held["unrealized_gain_sol"]))
        words.append(f"; the oldest price is of {duration(held['oldest_price_seconds'])} ago")
    if held["unpriced_positions"]:
        holdings = counted(held["unpriced_positions"], "holding")
        cost = amount(held["unpriced_cost_sol"])
        words.append(f"; {holdings} (dust included) without a price, in none of these values, cost {cost}")
    return words


def _gain(figures: Any) -> Text:
    if not figures["transactions"]:
        return Text("nothing happened in this period")
    words = Text.assemble(_colored(figures["realized_gain_sol"]), " SOL realized")
    # Fees of trades are in the gain already, those of deposits in the expenses too: their sum would mean nothing.
    return words.append(
        f"; fees {amount(figures['fees_sol'])} SOL; expenses in no gain {amount(figures['expenses_sol'])} SOL"
    )


def _trades(figures: Any) -> Text:
    if not figures["trades"]:
        return Text("none was closed")
    words = Text(f"{figures['trades']} closed: {figures['trades_won']} won, ")
    if figures["trades_drawn"]:
        words.append(f"{figures['trades_drawn']} drawn, ")
    words.append(f"{figures['trades_lost']} lost ({percent(figures['win_rate_percent'])} won); on average ")
    words.append(_colored(figures["expectancy_sol"])).append(" SOL")
    if figures["profit_factor"] is not None:
        words.append(f", profit factor {figures['profit_factor']:.2f}")
    return words


def _equity(console: Console, connection: Connection, agent: UUID, length: timedelta | None) -> Text:
    is_short = length is not None and length <= timedelta(days=7)
    points = list(
        queries.report_equity(connection, agent=agent, length=length, granularity="hour" if is_short else "day")
    )
    if not points:
        return Text("no snapshot in this period; the jobs take one an hour (tradebook jobs list)")
    values = [point["portfolio_sol"] for point in points]
    blocks = ASCII_BLOCKS if console.options.ascii_only else BLOCKS
    if len(points) == 1:
        return Text(f"{amount(values[0])} SOL on {points[0]['day']}, by the only snapshot in this period")
    words = Text(f"{sparkline(values, blocks)}\n{amount(values[0])} SOL on {points[0]['day']}")
    words.append(f", {amount(values[-1])} on {points[-1]['day']}")
    words.append(f"; between {amount(min(values))} and {amount(max(values))}")
    fall = queries.report_fall(connection, agent=agent, length=length)
    if fall is not None:
        words.append(f"; deepest fall {percent(fall * 100)}")
    return words


def _print_groups(console: Console, title: str, name: str, groups: Sequence[Any]) -> None:
    most = max(abs(row["realized_gain_sol"]) for row in groups)
    won, lost = ("#", ".") if console.options.ascii_only else ("█", "░")
    rows = []
    for row in groups:
        length = int(abs(row["realized_gain_sol"]) / most * 20) if most else 0
        bar = Text((won if row["realized_gain_sol"] > 0 else lost) * length, style=_style(row["realized_gain_sol"]))
        percentage = percent(row["win_rate_percent"])
        rows.append([row["label"], gain(row["realized_gain_sol"]), str(row["trades"]), percentage, bar])
    _print_table(console, title, [name, "gain SOL", "trades", "won", ""], rows)
    if groups[0]["others"] > 0:
        console.print(f"and {groups[0]['others']} more that moved less")


def _print_table(
    console: Console, title: str | None, headers: Sequence[str], rows: Iterable[Sequence[str | Text]]
) -> None:
    """Words to the left, numbers to the right."""
    words = {"agent", "token", "reason", "closed (UTC)", "ended by", ""}
    columns = [
        Column(header, justify="left" if header in words else "right", no_wrap=True, max_width=24) for header in headers
    ]
    table = Table(*columns, box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else Text(cell, style=_style_of_cell(cell)) for cell in row))
    console.print()
    if title is not None:
        console.print(Text(title, style="bold"))
    console.print(table)


def sparkline(values: Sequence[Decimal], blocks: str = BLOCKS, most: int = POINTS) -> str:
    """The values as blocks of eight heights, from the lowest to the highest; of many, the last of each part."""
    if len(values) > most:
        values = [values[(part + 1) * len(values) // most - 1] for part in range(most)]
    low, high = min(values), max(values)
    if low == high:
        return blocks[3] * len(values)
    return "".join(blocks[min(int((value - low) / (high - low) * 8), 7)] for value in values)


def amount(value: Decimal) -> str:
    """A number for the eye: four decimals, or as many as it takes to see one that is small."""
    if value and abs(value) < Decimal("0.0001"):
        return f"{value:.2g}"
    return f"{value:,.4f}"


def gain(value: Decimal) -> str:
    """The same with its sign."""
    return amount(value) if value <= 0 else f"+{amount(value)}"


def percent(value: Decimal | None, sign: str = "") -> str:
    """A percentage with one decimal; - where there is none."""
    return "-" if value is None else f"{value:{sign},.1f} %"


def duration(seconds: int) -> str:
    """A length of time in its two largest units: 3d 4h, 2h 5m, 40s."""
    parts = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(int(seconds), size)
        if count:
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2]) or "0s"


def _colored(value: Decimal) -> Text:
    return Text(gain(value), style=_style(value))


def _style(value: Decimal) -> str:
    return "green" if value > 0 else "red" if value < 0 else ""


def _style_of_cell(text: str) -> str:
    return "green" if text.startswith("+") else "red" if text.startswith("-") and text != "-" else ""
