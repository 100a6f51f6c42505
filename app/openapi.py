"""The description of the interface: the URL map, what stands beside each view, and PostgreSQL's catalog."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from app.database import queries, transaction
from app.errors import PROBLEM, camel_case
from app.operations import Operation

VERSION = "1.0.0"
"""Of the interface: its first number changes when a client could break."""

DESCRIPTION = """\
Amounts, prices, percentages and gains are decimal strings, exact, in and out; a JSON number for one is accepted only if
it is an integer. Times are ISO 8601 in UTC. Lists are arrays, newest first; the Link header leads to the next page.
Errors are problem documents (RFC 9457). A field or parameter that is not described is refused."""

Schema = dict[str, Any]

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
"""HEAD and OPTIONS work everywhere, and are not told."""

PATH_TYPES: dict[str, Schema] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 1, "maximum": 2147483647},
    "default": {"type": "string", "minLength": 1},
}

TYPES: dict[str, Schema] = {
    "decimal_text": {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "time_text": {"type": "string", "format": "date-time"},
    "uuid": {"type": "string", "format": "uuid"},
    "date": {"type": "string", "format": "date"},
    "bool": {"type": "boolean"},
    "json": {},
    "jsonb": {},
    "int2": {"type": "integer"},
    "int4": {"type": "integer"},
    "int8": {"type": "integer"},
}
"""What PostgreSQL's types are in JSON; all others are strings."""

KINDS: dict[str, Schema] = {
    "uuid": {"type": "string", "format": "uuid", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
    "time": {
        "type": "string",
        "format": "date-time",
        "pattern": (
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
            r"(Z|[+-][0-9]{2}:?[0-9]{2})$"
        ),
    },
    "boolean": {"type": "boolean"},
    "json": {"type": ["object", "array"]},
    "amount": {"type": ["string", "integer"], "format": "decimal", "pattern": r"^-?[0-9]{1,20}(\.[0-9]{1,18})?$"},
    "unsigned": {"type": ["string", "integer"], "format": "decimal", "pattern": r"^[0-9]{1,20}(\.[0-9]{1,18})?$"},
    "positive": {"type": ["string", "integer"], "format": "decimal", "pattern": r"^[0-9]{1,20}(\.[0-9]{1,18})?$"},
    "text": {"type": "string", "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"},
    "integer": {"type": "integer"},
    "choice": {"type": "string"},
    "cursor": {"type": "string"},
}
"""What the kinds of api.request_fields are in JSON."""

AMOUNTS = {"amount", "unsigned", "positive"}

ITSELF: Schema = {
    "type": "object",
    "description": "A description of an HTTP interface, OpenAPI 3.1.",
    "properties": {
        "openapi": {"type": "string", "description": "3.1.0"},
        "info": {"type": "object", "description": "Its title, version and conventions"},
        "paths": {"type": "object", "description": "Its operations by path and method"},
        "components": {"type": "object", "description": "The schemas of documents and requests, and who may ask"},
    },
    "required": ["openapi", "info", "paths", "components"],
    "additionalProperties": False,
}

FAILURES = {
    400: "The request is malformed: a field or parameter is unknown, missing or not of its type",
    401: "A valid API key or access token is needed",
    403: "The key lacks the scope",
    404: "There is no such row for this user",
    409: "It is booked or taken already, or something else stands in the way",
    410: "It is not kept any more",
    413: "The body is too large",
    415: "The body has to be application/json",
    422: "A rule of the book refuses it",
    423: "Too many wrong passwords: the account is locked until lockedUntil",
    429: "Too many requests; Retry-After says when the next may come",
    503: "The database is away, saturated, or kept conflicting; Retry-After says when to try again",
}


def document(app: Flask) -> Schema:
    """The description of every URL of `app`."""
    rows = transaction(lambda connection: list(queries.properties(connection)), read_only=True)
    fields: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in transaction(lambda connection: list(queries.request_fields(connection)), read_only=True):
        fields[row["request"]].append(row)
    paths: dict[str, Schema] = defaultdict(dict)
    settings = transaction(lambda connection: list(queries.trading_config_rules(connection)), read_only=True)
    bodies = set()
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        if rule.endpoint.endswith("static"):
            continue
        view: Any = app.view_functions[rule.endpoint]
        described: Operation = view.operation
        for method in sorted(METHODS & (rule.methods or set())):
            paths[path_of(rule)][method.lower()] = _operation(rule, view, described, fields, method)
        if described.body:
            bodies.add(described.body)
    bodies.discard("trading_config_change")  # told by its own rules
    schemas = (
        _documents(rows)
        | {_name(body): _request(fields[body]) for body in bodies}
        | {"TradingConfig": _settings(settings, [], is_answer=True)}
        | {"TradingConfigChange": _settings(settings, [], is_answer=False)}
        | {"Problem": PROBLEM, "Openapi": ITSELF}
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": "tradebook", "version": VERSION, "description": DESCRIPTION},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An access token, or an API key"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key"},
            },
        },
    }


def path_of(rule: Rule) -> str:
    """A rule of the URL map as the description spells it."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda match: f"{{{camel_case(match[1])}}}", rule.rule)


def _name(name: str) -> str:
    return name.title().replace("_", "")


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _operation(
    rule: Rule, view: Any, described: Operation, fields: dict[str, list[dict[str, Any]]], method: str
) -> Schema:
    summary, _, description = (view.__doc__ or "").partition("\n")
    in_path = {camel_case(name): converter for converter, name in _arguments(rule)}
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": PATH_TYPES[converter]}
        for name, converter in in_path.items()
    ]
    parameters += [
        {
            "name": row["field"],
            "in": "query",
            "required": row["is_required"],
            "description": _line(row["about"]),
            "schema": _kind(row),
        }
        for row in fields[described.parameters or ""]
        if row["field"] not in in_path
    ]
    parameters += _conventions(described)
    told: Schema = {
        "operationId": view.__name__,
        "tags": [rule.endpoint.partition(".")[0]],
        "summary": summary.removesuffix("."),
        "parameters": parameters,
        "responses": _responses(described, view, bool(in_path), method, fields[described.parameters or ""]),
    }
    if description.strip():
        told["description"] = " ".join(description.split())
    scope = getattr(view, "scope", None)
    if scope is not None:
        told["security"] = [{"bearer": []}] if scope == "person" else [{"bearer": []}, {"key": []}]
        told["x-scope"] = scope
    else:
        told["security"] = []
    if described.body:
        schema = _reference(_name(described.body))
        if described.most_items:
            schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": described.most_items}
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return told


def _arguments(rule: Rule) -> list[tuple[str, str]]:
    return [(kind.rstrip(":") or "default", name) for kind, name in re.findall(r"<(\w+:)?(\w+)>", rule.rule)]


def _conventions(described: Operation) -> list[Schema]:
    """The parameters that operations of a kind share."""
    found: list[Schema] = []
    if described.can_dry_run:
        about = "Do everything, constraints included, and take it back."
        found.append({"name": "dry_run", "in": "query", "description": about, "schema": {"type": "boolean"}})
    if described.has_key:
        about = "The same again answers the same, with Idempotency-Replayed: true."
        found.append({"name": "Idempotency-Key", "in": "header", "description": about, "schema": KINDS["uuid"]})
    if described.is_list and described.has_pages and described.media_type == "application/json":
        about = "count=exact counts the rows under the filters, in X-Total-Count; another preference is ignored."
        found.append({"name": "Prefer", "in": "header", "description": about, "schema": {"type": "string"}})
    return found


def _responses(
    described: Operation, view: Any, has_path: bool, method: str, parameters: list[dict[str, Any]]
) -> Schema:
    content: Schema = {}
    if described.answers:
        schema = _reference(_name(described.answers))
        if described.media_type == "application/json":
            content["application/json"] = {
                "schema": {"type": "array", "items": schema} if described.is_list else schema
            }
        if (described.is_list and described.has_pages) or described.media_type == "text/csv":
            content["text/csv"] = {"schema": {"type": "string"}}
    elif described.media_type != "application/json":
        content[described.media_type] = {"schema": {"type": "string"}}
    answer: Schema = {"description": "It is done" if method != "GET" else "It is here"}
    if content:
        answer["content"] = content
    headers = {}
    if described.is_list and described.has_pages and described.media_type == "application/json":
        headers["Link"] = "The next page, where there is one"
        headers["X-Total-Count"] = "Rows under the filters, with Prefer: count=exact"
    if described.has_key:
        headers["Idempotency-Replayed"] = "true where it had been done before"
    if headers:
        answer["headers"] = {
            name: {"description": about, "schema": {"type": "string"}} for name, about in headers.items()
        }
    statuses = {400, 503, *described.errors}
    if hasattr(view, "scope"):
        statuses |= {401, 403, 404}
    if has_path:
        statuses |= {404}
    if method != "GET":
        statuses |= {409, 422}
    if any(row["kind"] in AMOUNTS for row in parameters):
        statuses |= {422}
    if described.body:
        statuses |= {413, 415}
    failures = {
        str(status): {
            "description": FAILURES[status],
            "content": {"application/problem+json": {"schema": _reference("Problem")}},
        }
        for status in sorted(statuses)
    }
    return {str(described.status): answer, **failures}


def _documents(rows: list[dict[str, Any]]) -> Schema:
    """The schema of every document, by its name."""
    found: dict[str, Schema] = {}
    for row in rows:
        schema = found.setdefault(
            _name(row["document"]),
            {"type": "object", "description": _line(row["document_about"]), "properties": {}, "required": []},
        )
        schema["properties"][row["field"]] = _property(row)
        schema["required"].append(row["field"])
        schema["additionalProperties"] = False
    return found


def _property(row: dict[str, Any]) -> Schema:
    """The schema of a field of a document."""
    if row["type_kind"] == "c" or row["type_name"].endswith("_json"):
        schema = _reference(_name(row["type_name"].removesuffix("_json")))
    else:
        schema = dict(TYPES.get(row["type_name"], {"type": "string"}))
        if row["longest"]:
            schema["maxLength"] = row["longest"]
        if row["labels"]:
            schema["enum"] = row["labels"]
    if row["is_array"]:
        schema = {"type": "array", "items": schema}
    if row["is_nullable"] and schema:
        schema = _or_null(schema)
    return schema | {"description": _line(row["about"])}


def _or_null(schema: Schema) -> Schema:
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    nullable = schema | {"type": [*kinds, "null"]}
    if "enum" in nullable:
        nullable["enum"] = [*nullable["enum"], None]
    return nullable


def _request(rows: list[dict[str, Any]]) -> Schema:
    """The schema of a body."""
    return {
        "type": "object",
        "properties": {
            row["field"]: (_kind(row) if row["is_required"] else _or_null(_kind(row)))
            | {"description": _line(row["about"])}
            for row in rows
        },
        "required": [row["field"] for row in rows if row["is_required"]],
        "additionalProperties": False,
    }


def _bound(bound: Decimal | None) -> float | None:
    if bound is None:
        return None
    return int(bound) if bound == int(bound) else float(bound)


def _settings(rules: list[dict[str, Any]], place: list[str], *, is_answer: bool) -> Schema:
    """The schema of the setting of a trading config at a place, and of all below it; an answer has all of them."""
    rule = next(each for each in rules if each["place"] == place)
    kind = rule["kind"]
    low, high = (_bound(rule[each]) for each in ("lowest", "highest"))
    schema: Schema = {"description": rule["about"]}
    if kind == "object":
        below = [each["place"] for each in rules if each["place"][:-1] == place and each["place"]]
        schema |= {
            "type": "object",
            "properties": {each[-1]: _settings(rules, each, is_answer=is_answer) for each in below},
            "additionalProperties": False,
        }
        if is_answer or "*" in place:
            schema["required"] = [each[-1] for each in below]
    elif kind == "list":
        schema |= {"type": "array", "items": _settings(rules, [*place, "*"], is_answer=is_answer)}
        schema |= {"minItems": low, "maxItems": high}
    elif kind == "text":
        schema |= KINDS["text"] | {"minLength": low, "maxLength": high}
    elif kind == "choice":
        schema |= {"type": "string", "enum": rule["choices"]}
    elif kind == "number" and is_answer:
        schema |= TYPES["decimal_text"]
    else:
        schema |= KINDS["amount"] | {"type": ["string", "number"]} if kind == "number" else {"type": kind}
        schema |= {"minimum" if rule["lowest_is_allowed"] else "exclusiveMinimum": low, "maximum": high}
    schema = {name: content for name, content in schema.items() if content is not None}
    return _or_null(schema) if rule["is_nullable"] else schema


def _kind(row: dict[str, Any]) -> Schema:
    """The schema of a parameter, or of a field of a body."""
    schema = dict(KINDS[row["kind"]])
    if row["kind"] == "text":
        schema |= {"minLength": row["lowest"], "maxLength": row["highest"]}
    elif row["kind"] == "integer":
        schema |= {"minimum": row["lowest"], "maximum": row["highest"]}
    elif row["kind"] == "choice":
        schema["enum"] = row["choices"]
    return {"type": "array", "items": schema} if row["is_array"] else schema


def _line(comment: str | None) -> str:
    """A comment of the catalog without its line ends, which are where its file's lines end."""
    return " ".join((comment or "").split())
