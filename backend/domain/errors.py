"""Errors that the rules raise. They know no HTTP: ``core.http.problems`` maps them once."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """Base of all expected failures.

    Attributes:
        message: One or two sentences for the person who caused or meets the error.
        context: Machine-readable facts (ids, file names, the current state).
    """

    def __init__(self, message: str, **context: Any) -> None:
        super().__init__(message)
        self.message = message
        self.context = context


class InvalidInput(DomainError):
    """The input is wrong; ``file`` and ``fault`` in the context name where and what."""

    def __init__(
        self, message: str, *, file: str | None = None, fault: str | None = None, **context: Any
    ) -> None:
        super().__init__(message, **context)
        self.file = file
        self.fault = fault
        if file is not None:
            self.context["file"] = file
        if fault is not None:
            self.context["fault"] = fault


class NotFound(DomainError):
    """The thing asked for does not exist, or not for this person."""


class Unauthenticated(DomainError):
    """Nobody is logged in, or the credentials are wrong."""


class TooManyAttempts(Unauthenticated):
    """Too many failed log-ins in a short time; ``retry_after_s`` in the context says how long."""


class Forbidden(DomainError):
    """The person is known and may not do this."""


class Conflict(DomainError):
    """The thing is in a state that does not allow this now."""


class StaleVersion(DomainError):
    """A write named an older version than the stored one.

    ``current`` in the context holds the stored state so that the writer can merge.
    """

    def __init__(self, message: str, *, current: Any = None, **context: Any) -> None:
        super().__init__(message, **context)
        self.current = current


class TooLarge(DomainError):
    """The input exceeds a stated limit."""


class WeightsMissing(DomainError):
    """A model's checkpoint is not on this machine; the message says how to get it."""


class Cancelled(DomainError):
    """Somebody asked this job to stop."""
