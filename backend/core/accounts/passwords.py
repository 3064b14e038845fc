"""Passwords: argon2id with the parameters of RFC 9106's low-memory profile (64 MiB, 3 passes)."""

from __future__ import annotations

from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend.domain.errors import InvalidInput

MIN_LENGTH = 8
MAX_LENGTH = 200

_hasher = PasswordHasher()
# Each computation takes 64 MiB; a burst of log-ins waits in line rather than in memory.
_slots = BoundedSemaphore(4)


def check_strength(password: str) -> None:
    """Refuse passwords that are too short to protect anything, or absurdly long.

    Raises:
        InvalidInput: shorter than 8 or longer than 200 characters.
    """
    if len(password) < MIN_LENGTH:
        raise InvalidInput(
            f"A password needs at least {MIN_LENGTH} characters.", fault="password too short"
        )
    if len(password) > MAX_LENGTH:
        raise InvalidInput(
            f"A password has at most {MAX_LENGTH} characters.", fault="password too long"
        )


def hash_password(password: str) -> str:
    """The argon2id hash to store, with its salt and parameters."""
    with _slots:
        return _hasher.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """Whether the password fits the stored hash.

    With ``stored=None`` (nobody has that e-mail) the same work is done against a hash that fits
    nothing, so that the time taken does not tell which e-mails are known.
    """
    # Made at the first log-in of the process, known e-mail or not.
    unknown = _unknown_hash()
    reference = stored if stored is not None else unknown
    if len(password) > MAX_LENGTH:
        return False
    with _slots:
        try:
            fits = _hasher.verify(reference, password)
        except (VerificationError, InvalidHashError):
            return False
    return fits and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


@lru_cache(maxsize=1)
def _unknown_hash() -> str:
    return hash_password("nobody’s password")
