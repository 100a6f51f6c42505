"""The description of the interface, for programs and for people."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import flask_swagger_ui
from flask import Blueprint, Response, current_app

from app import openapi
from app.answers import json_response
from app.operations import Operation, operation

PAGES = Path(__file__).parent.parent / "pages"

bp = Blueprint(
    "docs",
    __name__,
    static_folder=str(Path(flask_swagger_ui.__file__).parent / "dist"),
    static_url_path="/docs/assets",
)


@bp.get("/openapi.json")
@operation(Operation(answers="openapi"))
def openapi_document() -> Response:
    """This description."""
    return json_response(_document())


@bp.get("/docs")
@operation(Operation(media_type="text/html"))
def docs() -> Response:
    """A page to read this description, and to try it."""
    response = Response((PAGES / "docs.html").read_text(), content_type="text/html; charset=utf-8")
    # Swagger UI sets styles from its script and has images in its own style sheet.
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    return response


@bp.get("/docs/start.js")
@operation(Operation(media_type="text/javascript"))
def docs_script() -> Response:
    """What starts that page."""
    return Response((PAGES / "start.js").read_text(), content_type="text/javascript; charset=utf-8")


@functools.cache
def _document() -> str:
    return json.dumps(openapi.document(current_app))
