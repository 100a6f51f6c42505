"""What views answer: documents that PostgreSQL has made, pages of lists, and whole lists as CSV."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

from flask import Response, g, request

from app.authentication import as_feed, as_user, rows_as_csv
from app.database import Connection, queries
from app.errors import Problem
from app.operations import is_dry_run
from app.parameters import url_parameters

CSV_BLOCK = 65536
"""Bytes of CSV that are sent at once."""

EXPORTS = 2
"""How many files a process sends at a time. Each holds a thread and a connection for as long as its client reads."""

_exports = threading.BoundedSemaphore(EXPORTS)


def json_response(body: str, status: int = 200) -> Response:
    """A response with JSON that PostgreSQL has made."""
    response = Response(body, status, content_type="application/json")
    if is_dry_run():
        response.headers["Dry-Run"] = "true"
    return response


def document_response(work: Callable[[Connection], str | None]) -> Response:
    """The document that `work` reads for the user. Raises Problem 404 where there is none."""
    body = as_user(work, read_only=True)
    if body is None:
        raise Problem(404, "not_found", "There is no such row for this user")
    return json_response(body)


def written_response(
    work: Callable[[Connection], dict[str, Any]], status: int = 201, *, as_operator: bool = False
) -> Response:
    """What `work` wrote (body), for the user or for everyone, and whether it had been written before (is_replayed)."""
    written = as_feed(work) if as_operator else as_user(work)
    response = json_response(written["body"], status)
    if written["is_replayed"]:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def no_content(work: Callable[[Connection], object]) -> Response:
    """204, once `work` is done."""
    as_user(work)
    response = Response(status=204)
    if is_dry_run():
        response.headers["Dry-Run"] = "true"
    return response


def list_response(name: str, **of_path: Any) -> Response:
    """A page of a list of api.lists, or with Accept: text/csv all of it; `of_path` are the path's parameters."""
    if request.accept_mimetypes.best_match(["application/json", "text/csv"]) == "text/csv":
        return csv_response(name, **of_path)
    parameters = json.dumps(url_parameters(**of_path))
    is_counted = "count=exact" in request.headers.get("Prefer", "").replace(" ", "").split(",")
    page = as_user(
        lambda connection: queries.list_page(
            connection, list=name, owner=g.user_id, parameters=parameters, is_counted=is_counted
        ),
        read_only=True,
    )
    response = json_response(page["body"])
    response.headers["Vary"] = "Accept"
    if page["next_cursor"] is not None:
        query = urlencode({**request.args, "cursor": page["next_cursor"]})
        response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    if page["total"] is not None:
        response.headers["X-Total-Count"] = str(page["total"])
        response.headers["Preference-Applied"] = "count=exact"
    return response


def csv_response(name: str, **of_path: Any) -> Response:
    """A list of api.lists as CSV, all rows under the filters, sent as PostgreSQL finds them."""
    parameters = json.dumps(url_parameters(**of_path))
    if not _exports.acquire(blocking=False):
        raise Problem(503, "too_many_exports", "As many files are being sent as this process sends at a time")
    try:
        blocks = rows_as_csv(
            lambda connection: queries.list_csv(connection, list=name, owner=g.user_id, parameters=parameters)
        )
        # The line of names, and the first row: what is refused is refused before a byte is sent.
        first = next(blocks, b"") + next(blocks, b"")
    except BaseException:
        _exports.release()
        raise
    file_name = request.path.removesuffix("/export").rsplit("/", 1)[-1]
    ended = ExitStack()
    ended.callback(_exports.release)
    ended.callback(blocks.close)
    response = Response(
        _after(first, blocks, ended),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}.csv"', "Vary": "Accept"},
    )
    # Also where the sending was never begun.
    response.call_on_close(ended.close)
    return response


def _after(first: bytes, blocks: Iterator[bytes], ended: ExitStack) -> Iterator[bytes]:
    block = bytearray(first)
    with ended:
        for each in blocks:
            block += each
            if len(block) >= CSV_BLOCK:
                yield bytes(block)
                block.clear()
        yield bytes(block)
