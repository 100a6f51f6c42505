"""What an agent with a long history has earned."""

from __future__ import annotations

import statistics
from typing import Any

from tests.bench.books import AS_API, Db, agent, connected
from tests.bench.case import Effort, case
from tests.bench.place import Place, explained
from tests.bench.results import Figure, Line, at_least, at_most, ratio

SWAPS = 1_000_000
LOOKS = 15
"""At what takes a millisecond, for one figure."""

SUMMARY = "select p.* from report.performance(%s) as p"


@case(
    "Summary of an agent with 1,000,000 swaps, in the server",
    Line("summary", aim=at_most(1, "summary")),
    Line(
        "buffers", "buffers with 1,000", "buffers of buffers with 1,000", at_most(1.1, "buffers of buffers with 1,000")
    ),
    Line("summary", "full scan", "full scans per summary", at_least(100, "full scans per summary")),
    is_on_large_book=True,
)
def summary(place: Place, effort: Effort) -> list[Figure]:
    """report.performance, as the service's role, planned and done: the median of 15 at a time.

    Beside the same of an agent with 1,000 swaps, whose indexes may be a page less deep, and a query that sums all swaps
    of the agent.
    """
    ours, scan = Figure("summary", "ms"), Figure("full scan", "ms")
    buffers, few = Figure("buffers", ""), Figure("buffers with 1,000", "")
    with connected(place.large(effort.of(SWAPS)), AS_API) as api:
        for _ in range(effort.repetitions):
            milliseconds, read = median_look(api, SUMMARY, [agent(1)])
            ours.values.append(milliseconds)
            buffers.values.append(read)
            few.values.append(median_look(api, SUMMARY, [agent(2)])[1])
            scan.values.append(
                explained(
                    api,
                    "select count(*), sum(proceeds_sol - cost_basis_sol),"
                    " count(*) filter (where proceeds_sol > cost_basis_sol)"
                    " from agent_historical_swaps where agent_id = %s",
                    [agent(1)],
                )[0]
            )
    return [
        *(ours, scan, buffers, few),
        *(ratio("full scans per summary", scan, ours), ratio("buffers of buffers with 1,000", buffers, few)),
    ]


def median_look(api: Db, statement: str, parameters: list[Any] | dict[str, Any]) -> tuple[float, float]:
    """Milliseconds in the server and buffers, when the session has done the same before."""
    explained(api, statement, parameters)
    looks = [explained(api, statement, parameters) for _ in range(LOOKS)]
    return statistics.median(ms for ms, _ in looks), statistics.median(read for _, read in looks)
