"""Secrets of log-ins and API tokens: random, shown once, stored as their SHA-256.

They carry 256 random bits, so a plain hash is enough: there is nothing to guess, and a look-up by
hash takes one index access.
"""

from __future__ import annotations

import hashlib
import secrets

TOKEN_PREFIX = "inft_"
SHOWN_PREFIX_LENGTH = 11


def new_cookie_secret() -> str:
    """A secret for a browser's cookie."""
    return secrets.token_urlsafe(32)


def new_token() -> str:
    """An API token: ``inft_`` and 43 characters."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored in place of a secret: 32 bytes."""
    return hashlib.sha256(secret.encode()).digest()


def shown_prefix(token: str) -> str:
    """The start of a token, by which its owner tells it from others."""
    return token[:SHOWN_PREFIX_LENGTH]
