"""Where the program's own files are: in a checkout, and in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent

CHECKOUT: Path | None = _PACKAGE.parent if (_PACKAGE.parent / "pyproject.toml").is_file() else None
"""The top of the checkout that this program runs from; None when it is installed from a wheel."""

_BASE = CHECKOUT or _PACKAGE

MIGRATIONS: Path = _BASE / "migrations"
"""Migrations, applied once, in the order of their names."""

SQL: Path = _BASE / "sql"
"""Code in SQL, applied again whenever it changed, and the named queries."""
