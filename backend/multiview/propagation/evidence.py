"""A recording's evidence as the numerics take it, and where its frames stand in it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from backend.core.database.tables import Calibration, FlowFile, Recording
from backend.core.storage import BlobStore
from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput, NotFound
from backend.domain.flow_grids import FULL, GRID, FlowGrids, linked
from backend.domain.skeleton import N_JOINTS
from backend.domain.suspicion.looking import was_looked_at
from backend.domain.trajectories.evidence import UNSAID, CameraEvidence, Flow, SessionEvidence
from backend.multiview.propagation import occlusion, repository

MOST_PEOPLE: Final = 4
"""People of a frame among whom the infant is looked for."""

_MIN_STEP_S: Final = 1e-4
_KEEP, _DISCARD = 1, 2


@dataclass(frozen=True, eq=False)
class Places:
    """Where the frames of a recording stand: camera by camera, in order of time.

    Attributes:
        cameras: Ids.
        frames: Of each camera the ids of its frames.
        moments: Of each camera the moments of its frames.
    """

    cameras: tuple[int, ...]
    frames: tuple[NDArray[np.int64], ...]
    moments: tuple[NDArray[np.int64], ...]

    @cached_property
    def of(self) -> dict[int, tuple[int, int]]:
        """By id of a frame, its camera and place."""
        return {
            frame: (c, t)
            for c, frames in enumerate(self.frames)
            for t, frame in enumerate(frames.tolist())
        }

    def frame(self, camera: int, place: int) -> int:
        """The id of a frame."""
        return int(self.frames[camera][place])


@dataclass(frozen=True, eq=False)
class Known:
    """All evidence of a recording, as of a moment.

    Attributes:
        standing: Stamp of what nobody said (``repository.standing``).
        places: Where its frames stand.
        session: The evidence.
        versions: Of each annotation that was read, in order of the frames' ids.
        frame_ids: Those frames.
        people: The candidates, from which marks are taken anew when another is chosen.
    """

    standing: str
    places: Places
    session: SessionEvidence
    frame_ids: NDArray[np.int64]
    versions: NDArray[np.int64]
    people: _People

    @property
    def stamp(self) -> str:
        """Of everything, said or not."""
        return f"{self.standing}/{zlib.crc32(self.versions.tobytes()):08x}"

    def follows(self, before: Known) -> bool:
        """Whether this is the same recording, and people said more since."""
        return (
            self.standing == before.standing
            and np.array_equal(self.frame_ids, before.frame_ids)
            and bool((self.versions >= before.versions).all())
            and bool((self.versions > before.versions).any())
        )

    @property
    def bytes(self) -> int:
        """Memory that it takes, roughly."""
        total = 0
        for camera in self.session.cameras:
            for value in (camera.marks, camera.scores, camera.others, camera.confirmed):
                total += value.nbytes
            if camera.flow is not None:
                total += camera.flow.displacement.nbytes + camera.flow.reliability.nbytes
        return total


@dataclass(frozen=True, eq=False)
class _People:
    """Candidates by frame: (n,) sorted frame ids, ids and joints beside them, the best first."""

    frame: NDArray[np.int64]
    id: NDArray[np.int64]
    joints: NDArray[np.float64]

    def of(self, frame_id: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        low, high = np.searchsorted(self.frame, [frame_id, frame_id + 1])
        return self.id[low:high], self.joints[low:high]


def read(session: Session, storage: BlobStore, recording: Recording) -> Known:
    """Everything that is known of a recording's joints."""
    standing = repository.standing(session, recording)
    rows = repository.frames(session, recording.id)
    found = repository.people(session, recording.id, MOST_PEOPLE)
    order = np.lexsort([found["rank"], found["frame"]])
    people = _People(*(found[name][order] for name in ("frame", "id", "joints")))
    files = repository.flow_files(session, recording.id)
    calibration = repository.calibration(session, recording)
    bodies = occlusion.fitted(session, recording.id)
    cameras: list[CameraEvidence] = []
    ids: list[int] = []
    frames: list[NDArray[np.int64]] = []
    moments: list[NDArray[np.int64]] = []
    for camera_id, _ in repository.cameras(session, recording.id):
        mine = rows["camera"] == camera_id
        if not mine.any():
            continue
        frame_ids = rows["id"][mine].astype(np.int64)
        times = _rising(rows["time"][mine])
        size = (int(rows["width"][mine][0]), int(rows["height"][mine][0]))
        of_camera = [file for file in files if file.camera_id == camera_id]
        flow = _flow(storage, of_camera, frame_ids, times)
        camera = _untouched(times, size, flow, _camera(calibration, camera_id, size))
        if bodies and camera.camera is not None and camera.camera.placed:
            hidden = occlusion.by_depth(bodies, camera.camera, rows["moment"][mine])
            camera = replace(camera, hidden=hidden)
        cameras.append(camera)
        ids.append(camera_id)
        frames.append(frame_ids)
        moments.append(rows["moment"][mine].astype(np.int64))
    if not cameras:
        raise NotFound(f"{recording.name} has no frames.")
    places = Places(tuple(ids), tuple(frames), tuple(moments))
    evidence = SessionEvidence(tuple(cameras), _moments(places))
    nobody = np.zeros(0, dtype=np.int64)
    known = Known(standing, places, evidence, nobody, nobody, people)
    return _with_masks(session, recording.id, _with_said(session, recording.id, known)[0])


def renew(
    session: Session, recording: Recording, known: Known
) -> tuple[Known, list[tuple[int, int]]] | None:
    """The evidence after what people said since, and which frames changed.

    None where something else changed, so that all is to be read anew.
    """
    if known.standing != repository.standing(session, recording):
        return None
    return _with_said(session, recording.id, known)


def stamp_now(session: Session, recording: Recording) -> str:
    """The stamp that the evidence has now, without reading it."""
    found = repository.versions(session, recording.id)
    versions = found["version"].astype(np.int64)
    return f"{repository.standing(session, recording)}/{zlib.crc32(versions.tobytes()):08x}"


def _with_said(
    session: Session, recording_id: int, known: Known
) -> tuple[Known, list[tuple[int, int]]]:
    now = repository.versions(session, recording_id)
    frame_ids, versions = now["frame"].astype(np.int64), now["version"].astype(np.int64)
    first = len(known.frame_ids) == 0
    if first:
        changed = frame_ids
    elif np.array_equal(frame_ids, known.frame_ids):
        changed = frame_ids[versions != known.versions]
    else:
        changed = frame_ids
    if not len(changed):
        return known, []
    rows = repository.said(session, recording_id, changed)
    cameras = list(known.session.cameras)
    own: set[int] = set()
    touched = []
    for row, frame_id in enumerate(rows["frame"].tolist()):
        place = known.places.of.get(frame_id)
        if place is None:
            continue
        c, t = place
        if c not in own:
            cameras[c] = _own_copy(cameras[c])
            own.add(c)
        touched.append(place)
        _say(cameras[c], t, {name: column[row] for name, column in rows.items()}, known.people)
    evidence = SessionEvidence(tuple(cameras), known.session.moments)
    return replace(known, session=evidence, frame_ids=frame_ids, versions=versions), touched


def _with_masks(session: Session, recording_id: int, known: Known) -> Known:
    """By how much marks lie outside of the infant's masks, where there are any."""
    outside: dict[int, NDArray[np.float64]] = {}
    cameras = list(known.session.cameras)
    for frame_id, mask in occlusion.masks(session, recording_id).items():
        place = known.places.of.get(frame_id)
        if place is None:
            continue
        c, t = place
        own = outside.setdefault(c, np.full((len(cameras[c]), N_JOINTS), np.nan))
        own[t] = occlusion.beyond_skin(mask, cameras[c].marks[t])
    if not outside:
        return known
    for c, found in outside.items():
        cameras[c] = replace(cameras[c], outside=found)
    return replace(known, session=SessionEvidence(tuple(cameras), known.session.moments))


def _own_copy(camera: CameraEvidence) -> CameraEvidence:
    """With arrays of its own for what people say; who reads the former one is not disturbed."""
    names = ("marks", "scores", "others", "confirmed", "confirmed_visibility", "discarded",
             "accepted", "waved")  # fmt: skip
    own = {name: getattr(camera, name).copy() for name in names}
    outside = None if camera.outside is None else camera.outside.copy()
    return replace(camera, outside=outside, **own)


def _say(camera: CameraEvidence, t: int, row: dict[str, Any], people: _People) -> None:
    """Write one annotation into a camera's evidence."""
    camera.confirmed[t] = np.nan
    camera.confirmed_visibility[t] = UNSAID
    if camera.accepted is not None:
        camera.accepted[t] = False
    if camera.waved is not None:
        camera.waved[t] = np.nan
    camera.discarded[t] = row["verdict"] == _DISCARD
    _mark(camera, t, int(row["candidate"]), *people.of(int(row["frame"])))
    joints = row["joints"]
    if camera.discarded[t] or np.isnan(joints).all():
        return
    present = joints[:, 2] > 0
    carried = (int(row["carried"]) >> np.arange(N_JOINTS) & 1).astype(bool)
    # Nobody placed these: the model's joints and inferred ones that were let stand.
    stands = carried | (joints == row["proposed"]).all(axis=1)
    if camera.waved is not None and _let_pass(row, stands):
        camera.waved[t, present] = joints[present, :2]
        return
    if row["verdict"] == _KEEP:
        said = np.ones(N_JOINTS, dtype=bool)
    elif row["touched"]:
        # Not decided yet: only what a person placed, neither the model's joints nor inferred ones.
        said = ~stands
    else:
        return
    if camera.accepted is not None:
        camera.accepted[t] = said & stands
    camera.confirmed[t, said & present] = joints[said & present, :2]
    camera.confirmed_visibility[t, said] = joints[said, 2].astype(np.int64)


def _let_pass(row: dict[str, Any], stands: NDArray[np.bool_]) -> bool:
    """Whether a frame was accepted as it was shown, and nobody looked at it."""
    if row["verdict"] != _KEEP or not stands.all():
        return False
    seconds = None if np.isnan(row["seconds"]) else float(row["seconds"])
    return not was_looked_at(seconds, in_playback=bool(row["in_playback"]))


def _mark(
    camera: CameraEvidence,
    t: int,
    chosen: int,
    ids: NDArray[np.int64],
    joints: NDArray[np.float64],
) -> None:
    before = camera.marks[t].copy()
    camera.marks[t], camera.scores[t], camera.others[t] = np.nan, 0, np.nan
    other = 0
    for candidate, found in zip(ids.tolist(), joints, strict=True):
        scores = np.clip(found[:, 2], 0, 1)
        places = np.where(scores[:, None] > 0, found[:, :2], np.nan)
        if candidate == chosen:
            camera.marks[t], camera.scores[t] = places, scores
        elif other < camera.others.shape[1]:
            camera.others[t, other] = np.concatenate([places, scores[:, None]], axis=1)
            other += 1
    if camera.outside is not None and not np.array_equal(before, camera.marks[t], equal_nan=True):
        camera.outside[t] = np.nan


def _untouched(
    times: NDArray[np.float64], size: tuple[int, int], flow: Flow | None, camera: Camera | None
) -> CameraEvidence:
    n = len(times)
    return CameraEvidence(
        times=times,
        width=size[0],
        height=size[1],
        marks=np.full((n, N_JOINTS, 2), np.nan),
        scores=np.zeros((n, N_JOINTS)),
        confirmed=np.full((n, N_JOINTS, 2), np.nan),
        confirmed_visibility=np.full((n, N_JOINTS), UNSAID),
        discarded=np.zeros(n, dtype=bool),
        accepted=np.zeros((n, N_JOINTS), dtype=bool),
        waved=np.full((n, N_JOINTS, 2), np.nan),
        others=np.full((n, MOST_PEOPLE - 1, N_JOINTS, 3), np.nan),
        flow=flow,
        camera=camera,
    )


def _rising(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Times that rise from frame to frame: files give two frames one time, or none at all."""
    steps = np.arange(len(times)) * _MIN_STEP_S
    return np.asarray(np.maximum.accumulate(times - steps) + steps)


def _camera(
    calibration: Calibration | None, camera_id: int, size: tuple[int, int]
) -> Camera | None:
    for entry in calibration.cameras if calibration else []:
        if entry["camera_id"] == camera_id:
            camera = Camera.from_dict(entry)
            return camera if (camera.width, camera.height) == size else None
    return None


def _moments(places: Places) -> NDArray[np.int64]:
    """(M, C) place of each camera's frame at each moment, -1 where it has none."""
    nothing = np.zeros((0, 0), dtype=np.int64)
    if len(places.cameras) < 2:
        return nothing
    if any((np.diff(moments) <= 0).any() for moments in places.moments):
        return nothing  # the order of moments is not that of a camera's time
    every = np.unique(np.concatenate(places.moments))
    table = np.full((len(every), len(places.cameras)), -1)
    for c, moments in enumerate(places.moments):
        table[np.searchsorted(every, moments), c] = np.arange(len(moments))
    return table


def _flow(
    storage: BlobStore,
    files: Sequence[FlowFile],
    frame_ids: NDArray[np.int64],
    times: NDArray[np.float64],
) -> Flow | None:
    """A camera's motion; what is missing, damaged or of other frames is as if it were not there."""
    pairs = max(len(frame_ids) - 1, 0)
    if not files or not pairs:
        return None
    flow = Flow(
        np.zeros((pairs, 2)),
        np.ones(pairs),
        np.zeros((pairs, GRID, GRID, 2), np.float16),
        np.zeros((pairs, GRID, GRID), np.float16),
    )
    near = linked(times)
    place = {frame: t for t, frame in enumerate(frame_ids.tolist())}
    for file in files:
        try:
            grids = FlowGrids.from_bytes(storage.read(file.key))
        except (NotFound, InvalidInput):
            continue
        if grids.displacement.shape[1:] != flow.displacement.shape[1:]:
            continue
        at = np.array([place.get(frame, -1) for frame in grids.before.tolist()], dtype=np.int64)
        usable = (at >= 0) & (at < pairs)
        usable[usable] &= near[at[usable]] & (frame_ids[at[usable] + 1] == grids.after[usable])
        at = at[usable]
        flow.origin[at] = grids.origin[usable]
        flow.step[at] = grids.step[usable]
        flow.displacement[at] = grids.displacement[usable]
        flow.reliability[at] = grids.reliability[usable].astype(np.float16) / FULL
    return flow
