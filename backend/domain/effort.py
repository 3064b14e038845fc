"""What work on frames took, and what became of it: numbers that add up, and rates made of them.

Time counts while somebody is active. Where the page measured how long a frame was shown to somebody
who moved, that counts. Else work lies between two saves of a person as long as the gap is short; a
longer gap is a pause and counts for nothing (as WakaTime and similar trackers of work count, with a
time-out). Rates are made of sums, never averages of averages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Final

IDLE_AFTER_S: Final = 120.0
"""A gap between two saves that is longer is a pause: two minutes on one frame are rare."""


@dataclass(frozen=True, slots=True)
class Effort:
    """Sums over some saves of some people.

    Attributes:
        frames: Frames that somebody saved something of.
        saves: Writes to them.
        actions: Operations in these: a joint moved, a verdict set.
        active_s: Seconds of work on the frames, pauses left out.
        measured: Of the frames whose time is known, those of which the page measured it.
        timed_frames: Frames of which the time is known.
        accepted: Frames kept as the model, or whoever came before, had them.
        corrected: Frames kept with joints moved.
        discarded: Frames thrown away.
        propagated: Kept frames with joints that were inferred from other frames.
        in_playback: Kept frames that were accepted as many seen in playback.
        joints_moved: Joints placed elsewhere than the pre-label had them.
        moved_px: How far those were moved, in sum.
        marked: Of their frames, those that an inspector marked.
        returned: Of these, those marked to be revised.
        sampled_joints: Joints of their frames that a random sample looked at.
        wrong_joints: Of these, those found wrong.
    """

    frames: int = 0
    saves: int = 0
    actions: int = 0
    active_s: float = 0.0
    timed_frames: int = 0
    measured: int = 0
    accepted: int = 0
    corrected: int = 0
    discarded: int = 0
    propagated: int = 0
    in_playback: int = 0
    joints_moved: int = 0
    moved_px: float = 0.0
    marked: int = 0
    returned: int = 0
    sampled_joints: int = 0
    wrong_joints: int = 0

    def __add__(self, other: Effort) -> Effort:
        """Both together."""
        return Effort(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Effort)))

    @property
    def seconds_per_frame(self) -> float | None:
        """Active seconds a frame, of frames whose time is known."""
        return self.active_s / self.timed_frames if self.timed_frames else None

    @property
    def frames_per_hour(self) -> float | None:
        """Frames an hour of active work."""
        return 3600 * self.timed_frames / self.active_s if self.active_s > 0 else None

    @property
    def actions_per_frame(self) -> float | None:
        """Operations a frame."""
        return self.actions / self.frames if self.frames else None

    @property
    def share_accepted(self) -> float | None:
        """Of the kept frames, those taken as they were."""
        kept = self.accepted + self.corrected
        return self.accepted / kept if kept else None

    @property
    def share_propagated(self) -> float | None:
        """Of the kept frames, those with joints that were inferred from other frames."""
        kept = self.accepted + self.corrected
        return self.propagated / kept if kept else None

    @property
    def errors_per_1000(self) -> float | None:
        """Wrong joints in 1,000, as random samples found them."""
        return 1000 * self.wrong_joints / self.sampled_joints if self.sampled_joints else None

    @property
    def px_per_joint(self) -> float | None:
        """How far a moved joint was moved."""
        return self.moved_px / self.joints_moved if self.joints_moved else None

    @property
    def return_rate(self) -> float | None:
        """Of the frames that an inspector marked, those to be revised."""
        return self.returned / self.marked if self.marked else None


def total(efforts: Iterable[Effort]) -> Effort:
    """All together."""
    return sum(efforts, Effort())
