"""Passwords: what one has to be, and how it is hashed and checked.

The rule stands here and not in a SQL function: what is handed to PostgreSQL can come to stand in its log and in
pg_stat_activity, and a table sees only the hash.
"""

from __future__ import annotations

import functools
import unicodedata

import bcrypt

SHORTEST = 8
LONGEST = 72
"""Bytes; bcrypt reads no more."""


def password_problems(password: str) -> list[str]:
    """What the password lacks, each as words; nothing where it is a good one."""
    length = len(password.encode(errors="surrogatepass"))
    rules = {
        f"it has to have {SHORTEST} to {LONGEST} bytes": SHORTEST <= length <= LONGEST,
        "it has to have an upper-case letter": any(sign.isupper() for sign in password),
        "it has to have a lower-case letter": any(sign.islower() for sign in password),
        "it has to have a digit": any(sign.isdigit() for sign in password),
        "it has to have a character that is neither letter nor digit nor space": any(
            not sign.isalnum() and not sign.isspace() for sign in password
        ),
        "it cannot have a control character": all(unicodedata.category(sign) != "Cc" for sign in password),
        "it has to be Unicode": all(not 0xD800 <= ord(sign) <= 0xDFFF for sign in password),
    }
    return [rule for rule, is_kept in rules.items() if not is_kept]


def hash_password(password: str) -> str:
    """The bcrypt hash of a password without problems."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt()).decode()


def is_password(password: str, password_hash: str | None) -> bool:
    """Whether it is the password of that hash; None is nobody's. Always one check of bcrypt, whatever is asked."""
    known = nobodys_hash() if password_hash is None else password_hash.encode()
    given = password.encode(errors="surrogatepass")
    can_be = password_hash is not None and len(given) <= LONGEST and b"\0" not in given
    return bcrypt.checkpw(given if can_be else b"nobody's", known) and can_be


@functools.cache
def nobodys_hash() -> bytes:
    """A hash as new ones are made, so that checking against it takes as long; the service makes it when it starts."""
    return bcrypt.hashpw(b"nobody's password", bcrypt.gensalt())
