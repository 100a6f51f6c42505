"""Holds every answer of a test against the description of the interface: status, type and document."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
from flask import Flask, Response, request

from app import openapi

_validators: dict[tuple[str, str, str, str], jsonschema_rs.Validator | None] = {}
"""Path, method, status and media type of every answer that is described; the same in all tests."""


def _read(app: Flask) -> None:
    described = openapi.document(app)
    for path, operations in described["paths"].items():
        for method, told in operations.items():
            for status, answer in told["responses"].items():
                for media_type, content in answer.get("content", {"": {}}).items():
                    schema = {"components": described["components"], **content.get("schema", {})}
                    _validators[path, method, status, media_type] = (
                        jsonschema_rs.validator_for(schema) if "json" in media_type else None
                    )


def watch(app: Flask) -> list[str]:
    """Have each answer of `app` checked; the list fills with those that are not as described."""
    wrong: list[str] = []

    @app.after_request
    def check(response: Response) -> Response:
        rule = request.url_rule
        if rule is None or rule.endpoint.endswith("static") or request.method not in openapi.METHODS:
            return response
        key = (openapi.path_of(rule), request.method.lower(), str(response.status_code), response.mimetype or "")
        if response.status_code == 204:
            key = (*key[:3], "")
        if not _validators:
            _read(app)
        if key not in _validators:
            wrong.append(f"{' '.join(key)} is not described: {response.get_data(as_text=True)[:500]}")
        elif (validator := _validators[key]) is not None:
            document: Any = json.loads(response.get_data())
            wrong.extend(
                f"{' '.join(key)}: {error.message} at {list(error.instance_path)}"
                for error in validator.iter_errors(document)
            )
        return response

    return wrong
