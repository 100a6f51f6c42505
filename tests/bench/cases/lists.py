"""Pages of a long list."""

from __future__ import annotations

import json
import socket
import statistics
from urllib.parse import parse_qs, urlencode, urlsplit

from app.database import queries
from tests.bench.books import AS_API, USER, Db, agent, connected
from tests.bench.case import Effort, case, milliseconds_of
from tests.bench.cases.summaries import LOOKS, SWAPS, median_look
from tests.bench.place import Place
from tests.bench.results import Figure, Line, at_most, ratio
from tests.bench.web import LINK, answer_to, serving

PAGES = 1000
LIMIT = 100
PATH = f"/agent-historical-swaps?agentId={agent(1)}&limit={LIMIT}"


@case(
    "List of 100 swaps of 1,000,000 over HTTP, and page 1,000 of it by cursor",
    Line(
        "buffers of page 1,000",
        "buffers of page 1",
        "buffers of page 1,000 of page 1",
        at_most(1.02, "buffers of page 1,000 of page 1"),
    ),
    Line("page 1,000", "page 1", "page 1,000 of page 1"),
    is_on_large_book=True,
)
def list_of_swaps(place: Place, effort: Effort) -> list[Figure]:
    """GET /agent-historical-swaps by one client; the buffers are those of the query of the route, as its role.

    One page has a cursor to read, and the depth of an index may differ by a page of it: 2 % is the same.
    """
    first, last = Figure("page 1", "ms"), Figure("page 1,000", "ms")
    buffers, last_buffers = Figure("buffers of page 1", ""), Figure("buffers of page 1,000", "")
    book = place.large(effort.of(SWAPS))
    with serving(book) as site, site.connection() as http, connected(book, AS_API) as api:
        one = site.request("GET", PATH)
        # The page before it, found by its distance from the beginning, tells where it begins.
        offset = (effort.of(PAGES, least=2) - 2) * LIMIT
        link = LINK.search(answer_to(http, site.request("GET", f"{PATH}&offset={offset}")))
        assert link is not None
        cursor = parse_qs(urlsplit(link[1].decode()).query)["cursor"][0]
        thousand = site.request("GET", f"{PATH}&{urlencode({'cursor': cursor})}")
        for _ in range(effort.repetitions):
            buffers.values.append(look_at_page(api)[1])
            last_buffers.values.append(look_at_page(api, cursor=cursor)[1])
            first.values.append(_median_answer(http, one))
            last.values.append(_median_answer(http, thousand))
    return [
        *(first, last, ratio("page 1,000 of page 1", last, first)),
        *(buffers, last_buffers, ratio("buffers of page 1,000 of page 1", last_buffers, buffers)),
    ]


def look_at_page(api: Db, **cursor: str) -> tuple[float, float]:
    """Milliseconds and buffers of the query of the route: the first page, or that of a cursor."""
    given = {"agentId": agent(1), "limit": str(LIMIT)} | cursor
    return median_look(
        api,
        queries.list_page.sql,
        {"list": "list_historical_swaps", "owner": USER, "parameters": json.dumps(given), "is_counted": False},
    )


def _median_answer(http: socket.socket, request: bytes) -> float:
    """Milliseconds, as a client sees it."""
    return statistics.median(milliseconds_of(lambda: answer_to(http, request)) for _ in range(LOOKS))
