"""What is wrong with a file: every kind with its count and the first places, in one error."""

from __future__ import annotations

from typing import Final

from backend.domain.errors import InvalidInput

MAX_PLACES: Final = 3
"""Places of each kind that are named; the others are counted."""

_MAX_SHOWN: Final = 60


class Faults:
    """Takes faults down while a file is read.

    Args:
        file: What to call it.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._counts: dict[str, int] = {}
        self._places: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return sum(self._counts.values())

    def add(self, kind: str, where: str, detail: str = "") -> None:
        """Take one down.

        Args:
            kind: What is wrong, in words that are the same for all of its kind.
            where: Place in the file, as ``annotations[12]``.
            detail: What stands there.
        """
        self._counts[kind] = self._counts.get(kind, 0) + 1
        places = self._places.setdefault(kind, [])
        if len(places) < MAX_PLACES:
            places.append(f"{where}: {detail}" if detail else where)

    def counts(self) -> dict[str, int]:
        """How many of each kind."""
        return dict(self._counts)

    def words(self) -> str:
        """All kinds, the most frequent first."""
        said = []
        for kind, count in sorted(self._counts.items(), key=lambda item: -item[1]):
            places = "; ".join(self._places[kind])
            more = ", …" if count > MAX_PLACES else ""
            said.append(f"{kind}: {count:,} ({places}{more})")
        return ". ".join(said)

    def stop(self) -> None:
        """Refuse the file if there was a fault.

        Raises:
            InvalidInput: names all kinds.
        """
        if self._counts:
            raise self.error(self.words())

    def error(self, fault: str) -> InvalidInput:
        """An error about this file."""
        return InvalidInput(
            f"{self.file}: {fault}.", file=self.file, fault=fault, counts=self.counts()
        )


def shown(value: object) -> str:
    """A value from a file, cut short."""
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 1]}…"
