"""Prices of tokens: the operator's sources write them, everybody reads them."""

from __future__ import annotations

from flask import Blueprint, Response

from app.answers import document_response, json_response
from app.authentication import as_feed, needs_scope
from app.database import queries
from app.operations import Operation, operation
from app.parameters import read_body

bp = Blueprint("prices", __name__)


@bp.post("/prices")
@needs_scope("feed")
@operation(
    Operation(
        answers="recorded_prices", body="record_prices", most_items=10_000, largest_body=5_000_000, can_dry_run=True
    )
)
def record_prices() -> Response:
    """Record up to 10,000 prices, all or none; the same again changes nothing."""
    body = read_body()
    return json_response(as_feed(lambda connection: queries.record_prices(connection, prices=body)))


@bp.get("/prices/<token_address>")
@needs_scope("positions", "feed")
@operation(Operation(answers="prices"))
def get_price(token_address: str) -> Response:
    """The latest price of a token, of the source in force, and how old it is."""
    return document_response(lambda connection: queries.get_price(connection, mint=token_address))


@bp.get("/price-feeds/sol-usd")
@needs_scope("positions", "feed")
@operation(Operation(answers="prices", errors=(404,)))
def sol_usd_price() -> Response:
    """The latest price of SOL in USD, of the source in force, and how old it is."""
    return document_response(queries.sol_usd_price)
