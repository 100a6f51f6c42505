"""Historical swaps: completed sales and burns with their gain."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, g

from app.answers import csv_response, document_response, list_response
from app.authentication import needs_scope
from app.database import queries
from app.operations import Operation, operation

bp = Blueprint("historical_swaps", __name__)


@bp.get("/agent-historical-swaps")
@needs_scope("history")
@operation(Operation(answers="historical_swaps", is_list=True, parameters="list_historical_swaps"))
def list_historical_swaps() -> Response:
    """The user's historical swaps, newest sale first."""
    return list_response("list_historical_swaps")


@bp.get("/agent-historical-swaps/export")
@needs_scope("history")
@operation(
    Operation(answers="historical_swaps", is_list=True, parameters="export_historical_swaps", media_type="text/csv")
)
def export_historical_swaps() -> Response:
    """All historical swaps under the filters as CSV, their times in a time zone."""
    return csv_response("list_historical_swaps")


@bp.get("/agent-historical-swaps/<uuid:swap_id>")
@needs_scope("history")
@operation(Operation(answers="historical_swaps"))
def get_historical_swap(swap_id: UUID) -> Response:
    """One historical swap."""
    return document_response(lambda connection: queries.get_historical_swap(connection, owner=g.user_id, id=swap_id))


@bp.get("/agent-historical-swaps/<uuid:swap_id>/explain")
@needs_scope("history")
@operation(Operation(answers="explanation_lines", is_list=True, parameters="explain_swap"))
def explain_swap(swap_id: UUID) -> Response:
    """How the gain of a historical swap came about, in lines that add up."""
    return list_response("explain_swap", swapId=swap_id)
