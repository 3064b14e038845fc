"""What a job is asked to do: one typed model per kind, checked when enqueued and when read.

Each room declares the payloads of its own kinds in a file ``payloads.py``. The model is the
contract between the server that asks and the worker that reads, which may be of another version:
what does not fit is refused with words rather than half understood.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from backend.core.database.tables.jobs import JobKind
from backend.domain.errors import InvalidInput

Queue = Literal["cpu", "gpu"]


class Payload(BaseModel):
    """Base of all payloads; a subclass names its ``kind`` and may choose its queue."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    kind: ClassVar[JobKind]
    by_kind: ClassVar[dict[JobKind, type[Payload]]] = {}

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Register the model of its kind.

        Raises:
            TypeError: the kind has a model already.
        """
        if cls.kind in Payload.by_kind:
            raise TypeError(f"two payloads for {cls.kind}")
        Payload.by_kind[cls.kind] = cls

    def queue(self) -> Queue:
        """Where the work is done: ``gpu`` for what runs a model."""
        return "cpu"

    def stored(self) -> dict[str, Any]:
        """As the job's row keeps it; what was not said is left out."""
        return self.model_dump(mode="json", exclude_none=True)


P = TypeVar("P", bound=Payload)


def read(model: type[P], stored: dict[str, Any]) -> P:
    """A stored payload as its model.

    Raises:
        InvalidInput: it does not fit, for instance because another version wrote it.
    """
    try:
        return model.model_validate(stored)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the whole"
        raise InvalidInput(
            f"This job was requested by another version of the program ({place}: {fault['msg']})."
            " Request it again.",
            kind=model.kind.value,
        ) from error
