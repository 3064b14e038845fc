"""What keeps a selection from becoming a release: the kinds, each with its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class GateKind(StrEnum):
    """Why something blocks."""

    EMPTY = "empty"
    UNAPPROVED = "unapproved"
    STALE = "stale"
    WITHOUT_POSTURE = "without_posture"
    UNCONSENTED = "unconsented"
    UNMASKED = "unmasked"
    UNASSIGNED = "unassigned"
    LEAKING = "leaking"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"
    IN_PLAYBACK = "in_playback"


GATE_WORDS: Final[Mapping[GateKind, str]] = {
    GateKind.EMPTY: "The selection holds no frame.",
    GateKind.UNAPPROVED: "Recordings of the selection that are not approved",
    GateKind.STALE: "Frames whose box or body fit is older than their joints, missing or refused",
    GateKind.WITHOUT_POSTURE: "Recordings with frames whose posture nobody named",
    GateKind.UNCONSENTED: "Recordings whose family did not agree to this audience",
    GateKind.UNMASKED: "Recordings whose images would show faces",
    GateKind.UNASSIGNED: "Infants that belong to no split",
    GateKind.LEAKING: "Infants, videos or nearly equal images on two sides of a split",
    GateKind.DUPLICATE: "Images that are in the selection twice",
    GateKind.IN_PLAYBACK: "Frames accepted in playback that are still to be looked at one by one",
    GateKind.UNREADABLE: "Images that are missing in the store, or changed there",
}

MAX_LISTED: Final = 200
"""Of each kind, so many are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class Blocking:
    """One thing that blocks.

    Attributes:
        what: In words: a recording, a frame, an infant.
        why: In words.
        recording_id: Where to mend it.
        frame_id: Where to mend it, more exactly.
        infant_id: Whose consent or split it is.
    """

    what: str
    why: str
    recording_id: int | None = None
    frame_id: int | None = None
    infant_id: int | None = None
