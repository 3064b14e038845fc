"""Frames that were accepted without being looked at, and which of them an inspector is shown."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import Final

HASTY_S: Final = 0.7
"""Seconds for which a frame was on the screen below which it counts as accepted without looking. A
fixation takes a quarter of a second (Rayner 1998), and a body needs three: face, arms, legs."""

SAMPLED_SHARE: Final = 0.2
SAMPLED_LEAST: Final = 10
"""So many of them are sampled for the inspector, and ten at least, as far as there are ten."""

MOST_SECONDS: Final = 3600.0
"""More than an hour before a frame is nobody's looking; clients stop counting when nobody moves."""


def is_hasty(seconds_shown: float | None) -> bool:
    """Whether a frame was accepted too fast to have been looked at; not known is not too fast."""
    return seconds_shown is not None and seconds_shown < HASTY_S


def was_looked_at(seconds_shown: float | None, *, in_playback: bool) -> bool:
    """Whether what somebody let stand says that it is right: neither in what ran by nor in what
    went by too fast did anybody look at each joint."""
    return not in_playback and not is_hasty(seconds_shown)


def sampled(frame_ids: Sequence[int], seed: str) -> list[int]:
    """A share of frames, the same for the same seed: who is added or leaves moves no other.

    Args:
        frame_ids: Those that were accepted quickly.
        seed: Such as recording and round.
    """
    wanted = min(len(frame_ids), max(SAMPLED_LEAST, math.ceil(SAMPLED_SHARE * len(frame_ids))))

    def lot(frame_id: int) -> bytes:
        return hashlib.sha256(f"{seed}/{frame_id}".encode()).digest()

    return sorted(sorted(frame_ids, key=lot)[:wanted])
