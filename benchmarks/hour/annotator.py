"""The simulated annotator: what he sees, what he does about it, and how long it takes.

**Policy**, the same for every method. He looks at a frame and corrects what he sees wrong, in this
order: takes the other candidate if that leaves five wrong joints fewer; exchanges sides (of all, of
the arms, of the legs, of one pair) as long as each exchange mends two joints or more; then drags
the wrong joints, the worst first. Joints of which there is no place at all are clicked one by one.
He accepts with a key. Where corrections travel, he looks again after each one, because the others
may have followed. Joints outside of the image are no concern of his.

**What he sees.** He believes each joint to lie where it is plus an error of his own hand and eye,
drawn once for each joint of each frame; he calls a joint wrong when it lies further from his belief
than a threshold, and puts it where he believes it. Lengths are in OKS's unit (COCO's σ of the joint
× √area). COCO's σ is what several annotators differ by on photographs with people of any size; one
careful person on a zoomed infant is taken to be better: .25 of it along each axis for a joint that
is seen, .4 for one that he infers; thresholds .8 and 1.2. A frame in which he drags each joint then
has an expected OKS of .98 where all is seen. ``Person.hand`` scales both for a sensitivity check.

**How long.** Keystroke-level model (Card, Moran and Newell 1980): K = .28 s a key (an average
typist), M = 1.35 s to judge. A look at a still frame is M and six fixations of .23 s (Card, Moran
and Newell 1983, an eye movement and fixation): head, arms, legs, trunk. A drag is Fitts' law for
the mouse in Shannon's form, with the constants of MacKenzie, Sellen and Buxton (1991): pointing
−.107 + .223 ID s, dragging .135 + .249 ID s, ID = log₂(D/W + 1), W twice the hand's spread, D to
the joint 300 px on a screen that shows the infant 600 px long, and from there the correction. Where
the wrong joint was just left, no new look is charged within a frame but M for each re-look.
Playback takes its own time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backend.domain.skeleton import SIGMAS
from benchmarks.hour.noise import ARMS, LEGS, MIRROR
from benchmarks.hour.sessions import Session

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

KEY: Final = 0.28
JUDGE: Final = 1.35
LOOK: Final = JUDGE + 6 * 0.23
INFANT_ON_SCREEN: Final = 600.0
AWAY: Final = 300.0
HAND: Final = (0.25, 0.40)
"""σ of the hand along each axis for seen and hidden joints."""
THRESHOLD: Final = (0.8, 1.2)


@dataclass
class Count:
    """What was done. corrections: drags, clicks, exchanges, candidates; keys: all other keys."""

    corrections: int = 0
    drags: int = 0
    exchanges: int = 0
    keys: int = 0
    looks: int = 0
    seconds: float = 0.0
    frames: set[tuple[int, int]] = field(default_factory=set)

    @property
    def actions(self) -> int:
        return self.corrections + self.keys


@dataclass(frozen=True, eq=False)
class Person:
    """One annotator at one session. belief: (C, T, 17, 2) px. wrong_at: (C, T, 17) px."""

    belief: Array
    wrong_at: Array
    inside: Flags
    spread: Array
    side: Array

    @classmethod
    def of(cls, session: Session, seed: int, hand: float = 1.0) -> Person:
        """hand: factor on the hand's error and on the thresholds."""
        rng = np.random.default_rng([seed, 77])
        typical = np.median(session.area, axis=1)[:, None]
        unit = np.asarray(SIGMAS) * np.sqrt(np.maximum(session.area, typical / 3))[..., None]
        seen = session.visibility == 2
        spread = hand * unit * np.where(seen, *HAND)
        belief = session.joints2d + spread[..., None] * rng.normal(0, 1, session.joints2d.shape)
        ends = np.nanmax(session.joints2d, axis=2) - np.nanmin(session.joints2d, axis=2)
        return cls(
            belief, hand * unit * np.where(seen, *THRESHOLD), session.visibility > 0, spread,
            ends.max(axis=-1),
        )  # fmt: skip

    def misplaced(self, camera: int, frame: int, shown: Array) -> Array:
        """(17,) how far joints lie from where he believes them, 1 at his threshold; 0 outside."""
        away = np.linalg.norm(shown - self.belief[camera, frame], axis=-1)
        away = np.where(np.isfinite(away), away / self.wrong_at[camera, frame], np.inf)
        return np.where(self.inside[camera, frame], away, 0.0)

    def wrong(self, camera: int, frame: int, shown: Array) -> int:
        return int((self.misplaced(camera, frame, shown) > 1).sum())

    def rearranged(
        self, camera: int, frame: int, shown: Array, other: Array | None, count: Count
    ) -> tuple[Array, Flags]:
        """After candidate and exchanges; which joints they moved."""
        before = shown
        wrong = self.wrong(camera, frame, shown)
        if other is not None and np.isfinite(other).any():
            remain = self.wrong(camera, frame, other)
            if remain <= wrong - 5:
                shown, wrong = other.copy(), remain
                self._exchange(count)
        while wrong >= 2 and np.isfinite(shown).all():
            remain, best = min(
                (
                    (self.wrong(camera, frame, exchanged(shown, parts)), k)
                    for k, parts in enumerate(EXCHANGES)
                )
            )
            if remain > wrong - 2:
                break
            shown, wrong = exchanged(shown, EXCHANGES[best]), remain
            self._exchange(count)
        moved = np.any(np.nan_to_num(shown, nan=-1) != np.nan_to_num(before, nan=-1), axis=-1)
        return shown, np.asarray(moved)

    def drag(self, camera: int, frame: int, joint: int, shown: Array, count: Count) -> Array:
        """Put one joint where he believes it."""
        to = self.belief[camera, frame, joint]
        zoom = INFANT_ON_SCREEN / max(float(self.side[camera, frame]), 1.0)
        width = 2 * float(self.spread[camera, frame, joint]) * zoom
        reach = float(np.linalg.norm(shown[joint] - to)) * zoom
        count.seconds += max(-0.107 + 0.223 * np.log2(AWAY / max(width, 8.0) + 1), 0.2)
        if np.isfinite(reach):
            count.seconds += 0.135 + 0.249 * np.log2(reach / width + 1)
        else:
            count.seconds += KEY
        count.corrections += 1
        count.drags += 1
        out = shown.copy()
        out[joint] = to
        return out

    def look(self, camera: int, frame: int, count: Count) -> None:
        count.looks += 1
        count.frames.add((camera, frame))
        count.seconds += LOOK

    def look_again(self, count: Count) -> None:
        count.seconds += JUDGE

    def press(self, count: Count, keys: int = 1) -> None:
        count.keys += keys
        count.seconds += keys * KEY

    def _exchange(self, count: Count) -> None:
        count.corrections += 1
        count.exchanges += 1
        count.seconds += JUDGE + KEY

    def mended(
        self, camera: int, frame: int, shown: Array, other: Array | None, count: Count
    ) -> Array:
        """The whole frame as he leaves it where nothing follows by itself."""
        shown, _ = self.rearranged(camera, frame, shown, other, count)
        away = self.misplaced(camera, frame, shown)
        for joint in np.argsort(-away):
            if away[joint] <= 1:
                break
            shown = self.drag(camera, frame, int(joint), shown, count)
        return shown


EXCHANGES: Final = (
    np.arange(17), ARMS, LEGS, *(np.array([j, j + 1]) for j in range(1, 17, 2)),
)  # fmt: skip


def exchanged(shown: Array, parts: NDArray[np.integer]) -> Array:
    """Left and right of these joints exchanged."""
    out = shown.copy()
    out[parts] = shown[MIRROR[parts]]
    return out
