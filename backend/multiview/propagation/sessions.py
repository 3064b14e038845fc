"""Evidence and answers that a process keeps at hand, so that a correction is answered at once.

Nothing here is the only copy of anything: all of it follows from the database and the store, and a
process that is ended loses only the time to read it again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from backend.domain.trajectories.answer import Answer
from backend.multiview.propagation.evidence import Known

MAX_BYTES: Final = 512 * 2**20
"""Of evidence; the recording that is worked in stays, however large it is."""


@dataclass(eq=False)
class Slot:
    """One recording.

    Attributes:
        lock: Held by whoever reads or changes the rest.
        known: The evidence as it was last read; with an answer, that which it knows.
        answer: What was inferred.
        on_top: How many changed frames were put on top of it since all was solved.
        asked: By id of a frame, why people were sent there.
        again: Ids of frames that people decided and were sent back to.
        taught: Whether a frame that was asked was answered since all was solved: that says
            something of all other frames.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    known: Known | None = None
    answer: Answer | None = None
    on_top: int = 0
    asked: dict[int, int] = field(default_factory=dict)
    again: set[int] = field(default_factory=set)
    taught: bool = False

    @property
    def bytes(self) -> int:
        """Memory that it takes, roughly."""
        return 0 if self.known is None else self.known.bytes


class Sessions:
    """Recordings that were used last, as many as fit.

    Args:
        most_bytes: Beyond this the one that was not used for longest is dropped.
    """

    def __init__(self, most_bytes: int = MAX_BYTES) -> None:
        self._most_bytes = most_bytes
        self._slots: OrderedDict[int, Slot] = OrderedDict()
        self._lock = threading.Lock()

    def slot(self, recording_id: int) -> Slot:
        """The place of a recording; others may have to go for it."""
        with self._lock:
            slot = self._slots.setdefault(recording_id, Slot())
            self._slots.move_to_end(recording_id)
            while len(self._slots) > 1 and self._bytes() > self._most_bytes:
                self._slots.popitem(last=False)
            return slot

    def _bytes(self) -> int:
        return sum(slot.bytes for slot in self._slots.values())

    def __len__(self) -> int:
        return len(self._slots)
