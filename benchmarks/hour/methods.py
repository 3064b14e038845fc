"""Four ways to the labels of a session, each a curve: what was spent, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backend.domain.trajectories import sureness
from backend.domain.trajectories.answer import RADII, Answer, radius
from backend.domain.trajectories.evidence import CameraEvidence, SessionEvidence
from backend.domain.trajectories.local import resolve_near
from backend.domain.trajectories.questions import (
    Question,
    expected_error,
    next_question,
    next_questions,
)
from backend.domain.trajectories.sizes import SILHOUETTE, SPREAD
from backend.domain.trajectories.solve import solve
from benchmarks.hour import measures
from benchmarks.hour.annotator import Count, Person
from benchmarks.hour.noise import Prelabels
from benchmarks.hour.sessions import FPS, Session

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

BUDGETS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.35, 0.6, 1.0, 1.5, 2.5, 4.0)
"""Corrections a frame at which curves are read."""

STEP = 0.005
"""Corrections a frame between two points of the product's curve."""


@dataclass(frozen=True)
class Point:
    """What was spent, each a frame of the session, and what the labels are worth then."""

    corrections: float
    actions: float
    looks: float
    seconds: float
    oks: float
    good: float
    pck: float


@dataclass
class Run:
    """A method's curve, and its labels at the end."""

    name: str
    points: list[Point] = field(default_factory=list)
    joints: Array = field(default_factory=lambda: np.zeros(0))
    notes: dict[str, float] = field(default_factory=dict)

    def note(self, session: Session, count: Count, joints: Array) -> None:
        n = session.usable.sum()
        found = measures.summary(session, joints)
        spent = (count.corrections, count.actions, count.looks, count.seconds)
        self.points.append(Point(*(float(x / n) for x in spent), **found))

    @property
    def last(self) -> Point:
        return self.points[-1]


def prelabels_alone(session: Session, labels: Prelabels) -> Run:
    run = Run("pre-labels alone", joints=labels.joints)
    run.note(session, Count(), labels.joints)
    return run


def _frames(session: Session) -> Iterable[tuple[int, int]]:
    for c, t in np.argwhere(session.usable):
        yield int(c), int(t)


def frame_by_frame(session: Session, labels: Prelabels, person: Person) -> Run:
    """Every frame is looked at, mended and accepted, one after the other."""
    run, count = Run("frame by frame"), Count()
    joints = labels.joints.copy()
    n, due = int(session.usable.sum()), list(BUDGETS)
    run.note(session, count, joints)
    for c, t in _frames(session):
        person.look(c, t, count)
        joints[c, t] = person.mended(c, t, joints[c, t], labels.other[c, t], count)
        person.press(count)
        if due and count.corrections / n >= due[0]:
            due.pop(0)
            run.note(session, count, joints)
    run.note(session, count, joints)
    run.joints = joints
    return run


def linear_key_frames(session: Session, labels: Prelabels, person: Person) -> Run:
    """Key frames, linear in between, as CVAT's tracks: pre-labels stay at key frames only.

    He begins with a key frame each 64 frames, mended from its pre-label, then looks at the middle
    between each two: where something is wrong there it becomes a key frame, mended from what was
    interpolated, or from its pre-label if that needs less work. So he goes on, down to every frame.
    """
    run, count = Run("linear key frames"), Count()
    joints = np.full_like(labels.joints, np.nan)
    keys = [_coarse(np.flatnonzero(session.usable[c])) for c in range(session.cameras)]
    for c, chosen in enumerate(keys):
        for t in chosen:
            person.look(c, t, count)
            joints[c, t] = person.mended(c, t, labels.joints[c, t], labels.other[c, t], count)
            person.press(count)
    _interpolate(joints, keys)
    run.note(session, count, joints)
    open_spans = [list(pairwise(k)) for k in keys]
    while any(open_spans):
        for c, spans in enumerate(open_spans):
            remaining = []
            for a, b in spans:
                inner = np.flatnonzero(session.usable[c, a + 1 : b]) + a + 1
                if not len(inner):
                    continue
                t = int(inner[np.argmin(np.abs(inner - (a + b) / 2))])
                person.look(c, t, count)
                shown = joints[c, t]
                if person.wrong(c, t, shown) == 0:
                    continue
                if person.wrong(c, t, labels.joints[c, t]) < person.wrong(c, t, shown):
                    shown = labels.joints[c, t]
                joints[c, t] = person.mended(c, t, shown, labels.other[c, t], count)
                person.press(count)
                keys[c].append(t)
                remaining += [(a, t), (t, b)]
            open_spans[c] = remaining
        _interpolate(joints, keys)
        run.note(session, count, joints)
    run.joints = joints
    return run


def _coarse(frames: NDArray[np.integer]) -> list[int]:
    chosen = np.unique(np.r_[frames[::64], frames[-1]])
    return [int(t) for t in chosen]


def _interpolate(joints: Array, keys: list[list[int]]) -> None:
    for c, chosen in enumerate(keys):
        chosen.sort()
        now = np.arange(joints.shape[1])
        at = joints[c, chosen].reshape(len(chosen), -1)
        between = np.stack([np.interp(now, chosen, column) for column in at.T], axis=1)
        joints[c] = between.reshape(joints[c].shape)


@dataclass(frozen=True)
class Speed:
    """Processor seconds of the engine: all at first; after a correction (median, worst)."""

    first: float
    near: float
    near_worst: float


class Product:
    """This product: it asks, he corrects, corrections travel.

    ``next`` goes to the frame whose correction helps most. He mends it, looking again after each
    correction, because the rest has followed; accepting confirms the frame. It ends where the
    expected error is below the target, or at the budget. After that he watches what is left at
    ``playback`` frames a second, all cameras together, and stops where he saw something.
    """

    def __init__(
        self,
        session: Session,
        labels: Prelabels,
        person: Person,
        evidence: SessionEvidence,
        *,
        oracle: bool = False,
    ) -> None:
        self.session, self.labels, self.person = session, labels, person
        self.oracle = oracle
        self.evidence = evidence
        self.count = Count()
        self.budget, self.visits = np.inf, 0
        self.times: list[float] = []
        self.run = Run("this product")
        self.expected: list[float] = []
        began = time.process_time()
        self.answer: Answer = solve(evidence)
        self.first = time.process_time() - began

    @property
    def joints(self) -> Array:
        return np.stack([a.positions for a in self.answer.cameras])

    @property
    def spent(self) -> float:
        """Corrections a frame."""
        return self.count.corrections / float(self.session.usable.sum())

    @property
    def _spent_up(self) -> bool:
        """Whether one correction more would be above the budget."""
        return (self.count.corrections + 1) / float(self.session.usable.sum()) > self.budget

    def work(
        self, budget: float, looks: float = 0.2, progress: Callable[[str], None] | None = None
    ) -> Run:
        """Until the target is expected, the budget of corrections a frame or of looks is spent."""
        n = float(self.session.usable.sum())
        self.budget = budget
        self.note()
        while not self._spent_up and self.count.looks / n < looks:
            question = self._question()
            if question is None:
                break
            why = sureness.CHECKED if question.check else sureness.DOUBTED
            self.visit(question.camera, question.frame, why)
            self.visits += 1
            # In the product the whole session is solved in the background after each answer.
            self.answer = solve(self.evidence)
            if self.spent >= self.run.last.corrections + STEP:
                self.note()
                if progress:
                    progress(f"{self.spent:.4f} {self.run.last}")
        return self.finish()

    def _question(self) -> Question | None:
        """Where to look; the oracle asks by what is wrong, where the product asks by what it
        expects to be, and needs no checks."""
        if self.oracle:
            return next(iter(next_questions(self._known(), self.evidence)), None)
        if expected_error(self.answer, self.evidence).reached:
            return None
        return next_question(self.answer, self.evidence)

    def _known(self) -> Answer:
        """The answer with such deviations that its expected losses are the true ones."""
        cameras = []
        for c, found in enumerate(self.answer.cameras):
            unit2 = (SPREAD * SILHOUETTE * found.scale[:, None]) ** 2
            away2 = ((found.positions - self.session.joints2d[c]) ** 2).sum(-1)
            counted = (self.session.visibility[c] > 0) & np.isfinite(away2)
            loss = np.where(counted, 1 - np.exp(-np.nan_to_num(away2) / unit2 / 2), 0.0)
            a = loss / np.maximum(1 - loss, 1e-3)
            cameras.append(replace(found, sigmas=np.sqrt(a * unit2)))
        return replace(self.answer, cameras=tuple(cameras))

    def finish(self) -> Run:
        """The whole session solved with all that was said."""
        self.answer = solve(self.evidence)
        self.note()
        self.run.joints = self.joints
        return self.run

    def note(self) -> None:
        self.run.note(self.session, self.count, self.joints)
        self.expected.append(expected_error(self.answer, self.evidence).oks)

    def visit(self, camera: int, frame: int, why: int = sureness.NOT_ASKED) -> None:
        """Look at a frame, mend it, accept it."""
        person, count = self.person, self.count
        cameras = list(self.evidence.cameras)
        cameras[camera] = sureness.foretell(
            cameras[camera], self.answer.cameras[camera], frame, why,
            again=bool(cameras[camera].settled[frame]),
        )  # fmt: skip
        self.evidence = replace(self.evidence, cameras=tuple(cameras))
        person.press(count)
        person.look(camera, frame, count)
        shown = self._shown(camera, frame)
        other = self.labels.other[camera, frame]
        shown, moved = person.rearranged(camera, frame, shown, other, count)
        placed, dragged = np.zeros(17, bool), np.zeros(17, bool)
        if moved.any():
            # What the exchange moved is not placed by hand: it stands until a drag moves the rest.
            placed |= moved
            self._say(camera, frame, shown, placed)
            shown = self._shown(camera, frame)
        for _ in range(40):
            away = person.misplaced(camera, frame, shown)
            if away.max() <= 1 or self._spent_up:
                break
            joint = int(np.argmax(away))
            shown = person.drag(camera, frame, joint, shown, count)
            placed[joint] = dragged[joint] = True
            self._say(camera, frame, shown, placed)
            shown = self._shown(camera, frame)
            person.look_again(count)
        person.press(count)
        self._say(camera, frame, shown, person.inside[camera, frame], ~dragged)

    def _shown(self, camera: int, frame: int) -> Array:
        return np.asarray(self.answer.cameras[camera].positions[frame]).copy()

    def _say(
        self, camera: int, frame: int, shown: Array, said: Flags, left: Flags | None = None
    ) -> None:
        """The frame's evidence changes, and what is near it follows; left: joints that he let stand
        when he accepted the frame."""
        old = self.evidence.cameras[camera]
        confirmed, visibility = old.confirmed.copy(), old.confirmed_visibility.copy()
        confirmed[frame] = np.where(said[:, None], shown, np.nan)
        seen = self.session.visibility[camera, frame].astype(np.int64)
        visibility[frame] = np.where(said, seen, -1 if left is None else 0)
        accepted = old.glanced
        accepted[frame] = False if left is None else left
        new: CameraEvidence = replace(
            old, confirmed=confirmed, confirmed_visibility=visibility, accepted=accepted
        )
        cameras = list(self.evidence.cameras)
        cameras[camera] = new
        self.evidence = replace(self.evidence, cameras=tuple(cameras))
        began = time.process_time()
        self.answer = resolve_near(self.answer, self.evidence, (camera, frame))
        self.times.append(time.process_time() - began)

    def watch(self, speed: float, seed: int, budget: float) -> Run:
        """Play all that is left; what he notices he mends, until the budget is spent.

        He notices a joint that lies further off than twice his threshold with a chance of three in
        ten each time that it is shown, a whole body at fault (five joints) nearly always.
        """
        rng = np.random.default_rng([seed, 5])
        self.budget = budget
        for t in range(self.session.moments):
            self.count.seconds += 1 / speed
            if self._spent_up:
                break
            for c in range(self.session.cameras):
                if not self.session.usable[c, t] or self.evidence.cameras[c].settled[t]:
                    continue
                away = self.person.misplaced(c, t, self._shown(c, t))
                seen = 1 - 0.7 ** float((away > 2).sum())
                if rng.random() < seen:
                    self.visit(c, t)
        return self.finish()

    @property
    def speed(self) -> Speed:
        times = np.array(self.times or [0.0])
        return Speed(self.first, float(np.median(times)), float(times.max()))


def calibration(session: Session, product: Product) -> dict[float, float]:
    """Of joints that nobody confirmed: the share that lies within the stated radius."""
    out = {}
    for share, _ in RADII:
        hits, total = 0, 0
        for c, answer in enumerate(product.answer.cameras):
            unsaid = ~product.evidence.cameras[c].said
            counted = unsaid & (session.visibility[c] > 0) & session.usable[c][:, None]
            error = np.linalg.norm(answer.positions - session.joints2d[c], axis=-1)
            inside = error <= radius(answer.sigmas, share)
            hits, total = hits + int(inside[counted].sum()), total + int(counted.sum())
        out[share] = hits / max(total, 1)
    return out


@dataclass(frozen=True)
class Worsened:
    """Shares of frames with a lower OKS than their pre-label.

    any: However little. clearly: By more than ``NOISE``. correct: Of those whose pre-label is
    correct (OKS .9 or more), by more than ``NOISE``; right: so many there are.
    """

    any: float
    clearly: float
    correct: float
    right: int


NOISE = 0.005
"""OKS by which a frame may differ and be as good: a perfect one with each joint a fifth of COCO's σ
off."""


def worsened(session: Session, labels: Prelabels, joints: Array) -> Worsened:
    """Frames with a lower OKS than their pre-label."""
    before, after = measures.oks(session, labels.joints), measures.oks(session, joints)
    kept = np.isfinite(before)
    fall, right = before[kept] - after[kept], before[kept] >= 0.9
    among = float((fall[right] > NOISE).mean()) if right.any() else 0.0
    return Worsened(
        float((fall > 1e-9).mean()), float((fall > NOISE).mean()), among, int(right.sum())
    )


def realtime(session: Session) -> float:
    """Seconds that the film lasts."""
    return session.moments / FPS
