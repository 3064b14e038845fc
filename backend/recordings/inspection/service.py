"""Understanding uploaded videos: which are one camera, and what an import would take of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError
from sqlalchemy.orm import Session

from backend.core.database.tables import Upload, UploadLook, User
from backend.core.jobs import repository as jobs
from backend.core.jobs import service as queue
from backend.core.uploads import service as uploads
from backend.domain.chapters import ProposedCamera, propose
from backend.domain.errors import InvalidInput
from backend.domain.file_times import Beginning, lay_out
from backend.domain.frame_groups import CameraTimes, FrameGroups
from backend.domain.frame_matching import NONE
from backend.domain.sampling import sample, sampling_of
from backend.recordings.coverage import in_words
from backend.recordings.inspection import repository
from backend.recordings.inspection.facts import VideoLook, unpacked
from backend.recordings.inspection.payloads import InspectPayload
from backend.recordings.inspection.schemas import (
    CameraFilePlan,
    InspectedCamera,
    InspectedFile,
    InspectIn,
    InspectOut,
)
from backend.recordings.schemas import Sampling


@dataclass(frozen=True, slots=True)
class _File:
    upload_id: int
    path: str
    filename: str
    look: VideoLook
    times: bytes


@dataclass(frozen=True, slots=True)
class _Camera:
    name: str
    files: list[_File]
    beginnings: list[Beginning]
    reason: str
    sure: bool

    def times(self) -> CameraTimes:
        """All source frames on the camera's clock."""
        parts = [
            unpacked(file.times) + beginning.start_s
            for file, beginning in zip(self.files, self.beginnings, strict=True)
        ]
        return CameraTimes.of(np.concatenate(parts))

    @property
    def duration_s(self) -> float:
        return self.beginnings[-1].start_s + self.files[-1].look.duration_s


def inspect(session: Session, request: InspectIn, user: User) -> InspectOut:
    """What an import would make of files; asks a worker to look at those that nobody has seen.

    Raises:
        NotFound: an upload is unknown or somebody else's.
        InvalidInput: an upload is unfinished, or was imported already.
    """
    ids = [file.upload_id for file in request.files]
    rows = {upload_id: uploads.get(session, user, upload_id) for upload_id in ids}
    for row in rows.values():
        if row.completed_at is None:
            raise InvalidInput("This file has not arrived completely.", file=row.filename)
        if row.consumed_at is not None:
            raise InvalidInput("This file was imported already.", file=row.filename)
    looks = repository.looks_of(session, ids)
    unseen = [upload_id for upload_id in ids if upload_id not in looks]
    files = [_shown(rows[upload_id], looks.get(upload_id)) for upload_id in ids]
    if unseen:
        job = repository.job_on(session, unseen) or queue.enqueue(
            session, InspectPayload(upload_ids=unseen), None, user.id, title=_title(rows, unseen)
        )
        return InspectOut(
            ready=False, job=jobs.list_jobs(session, job_ids=[job.id])[0], files=files,
            cameras=[], moments=0, complete=0, warnings=[],
        )  # fmt: skip
    seen = {
        file.upload_id: _File(
            file.upload_id,
            file.path or rows[file.upload_id].filename,
            rows[file.upload_id].filename,
            VideoLook.model_validate(look.facts),
            look.times,
        )
        for file in request.files
        if (look := looks[file.upload_id]).facts is not None and look.times is not None
    }
    cameras = _arranged(request, seen)
    return _understood(files, cameras, request.sampling, list(seen.values()))


def store(
    session: Session, upload_id: int, look: VideoLook | None, times: bytes | None, fault: str | None
) -> None:
    """Keep what a worker saw in an upload: facts with times, or a fault."""
    repository.put(
        session,
        UploadLook(
            upload_id=upload_id,
            facts=look.model_dump(mode="json") if look else None,
            times=times,
            fault=fault,
        ),
    )


def stored(session: Session, upload_id: int) -> tuple[VideoLook, NDArray[np.float64]] | None:
    """What was seen in an upload: facts and times; None where nobody looked, or saw a fault."""
    look = session.get(UploadLook, upload_id)
    if look is None or look.facts is None or look.times is None:
        return None
    try:
        return VideoLook.model_validate(look.facts), unpacked(look.times)
    except ValidationError:  # another version of the program looked
        return None


def _title(rows: Mapping[int, Upload], unseen: Sequence[int]) -> str:
    first = rows[unseen[0]].filename
    return f"Facts of {first}" + (f" and {len(unseen) - 1} more" if len(unseen) > 1 else "")


def _shown(upload: Upload, look: UploadLook | None) -> InspectedFile:
    base = {"upload_id": upload.id, "filename": upload.filename, "size_bytes": upload.size}
    if look is None or look.facts is None:
        return InspectedFile(**base, fault=look.fault if look else None)
    facts = VideoLook.model_validate(look.facts)
    return InspectedFile(
        **base,
        width=facts.width,
        height=facts.height,
        rotation=facts.rotation,
        codec=facts.codec,
        fps=_rate(facts.interval_s),
        frames=facts.frames,
        duration_s=facts.duration_s,
        has_audio=facts.has_audio,
        timecode=facts.timecode[0] if facts.timecode else None,
        created_s=facts.created_s,
        clock_s=facts.clock_s,
    )


def _rate(interval_s: float) -> float | None:
    return round(1 / interval_s, 3) if interval_s else None


def _arranged(request: InspectIn, seen: Mapping[int, _File]) -> list[_Camera]:
    """Cameras as they were named, then those that the other files seem to be."""
    found: list[_Camera] = []
    named: set[int] = set()
    for camera in request.cameras:
        named |= set(camera.upload_ids)
        files = [seen[i] for i in camera.upload_ids if i in seen]
        if files:
            found.append(_camera(camera.name, files, "", True))
    rest = [seen[f.upload_id] for f in request.files if f.upload_id in seen.keys() - named]
    proposed = propose(
        [file.look.file_facts(file.path) for file in rest], separate=request.separate
    )
    names = _names([rest[p.files[0]] for p in proposed], [camera.name for camera in found])
    for proposal, name in zip(proposed, names, strict=True):
        found.append(_proposed(name, rest, proposal))
    return found


def _proposed(name: str, rest: Sequence[_File], proposal: ProposedCamera) -> _Camera:
    return _camera(name, [rest[k] for k in proposal.files], proposal.reason, proposal.sure)


def _camera(name: str, files: list[_File], reason: str, sure: bool) -> _Camera:
    return _Camera(
        name, files, lay_out([file.look.file_facts(file.path) for file in files]), reason, sure
    )


def _names(firsts: Sequence[_File], taken: Sequence[str]) -> list[str]:
    """A camera is called by its first file, or by its folder where files are called alike."""
    stems = [PurePosixPath(file.filename).stem[:80] for file in firsts]
    folders = [PurePosixPath(file.path.replace("\\", "/")).parent.name[:80] for file in firsts]
    used = {name.casefold() for name in taken}
    for names in (stems, folders):
        folded = [name.casefold() for name in names]
        clear = len(set(folded)) == len(folded) and not used & set(folded) and all(names)
        if clear and len(firsts) + len(taken) > 1:
            return names
    numbers = (f"camera {n}" for n in range(1, 10_000))
    free = (name for name in numbers if name not in used)
    return [next(free) for _ in firsts]


def _understood(
    files: list[InspectedFile],
    cameras: Sequence[_Camera],
    sampling: Sampling,
    seen: Sequence[_File],
) -> InspectOut:
    groups = None
    if cameras:
        eyes = [camera.times() for camera in cameras]
        groups = sample(eyes, sampling_of(sampling.mode, sampling.value))
    missing = groups.missing if groups else []
    shown = [
        InspectedCamera(
            name=camera.name,
            files=[
                CameraFilePlan(upload_id=file.upload_id, start_s=b.start_s, gap_s=b.gap_s)
                for file, b in zip(camera.files, camera.beginnings, strict=True)
            ],
            reason=camera.reason,
            sure=camera.sure,
            duration_s=camera.duration_s,
            fps=_rate(camera.files[0].look.interval_s),
            taken=len(groups) - missing[c] if groups else 0,
            missing=missing[c] if groups else 0,
        )
        for c, camera in enumerate(cameras)
    ]
    return InspectOut(
        ready=True,
        job=None,
        files=files,
        cameras=shown,
        moments=len(groups) if groups else 0,
        complete=groups.complete if groups else 0,
        warnings=_warnings(cameras, groups, seen),
    )


def _warnings(
    cameras: Sequence[_Camera], groups: FrameGroups | None, seen: Sequence[_File]
) -> list[str]:
    """What a person should know before it begins."""
    said = [f"{file.filename}: {note}" for file in seen for note in file.look.notes]
    said += [b.note for camera in cameras for b in camera.beginnings if b.note]
    for camera in cameras:
        sizes = {(file.look.width, file.look.height) for file in camera.files}
        if len(sizes) > 1:
            said.append(f"{camera.name}: its files have pictures of different sizes.")
    said += _twice(seen)
    if len(cameras) > 1:
        said += _starts(cameras)
        if groups is not None and groups.complete < len(groups):
            ends = [
                (camera.name, float(groups.times_s[groups.members[:, c] != NONE].max()))
                for c, camera in enumerate(cameras)
                if groups.missing[c] < len(groups)
            ]
            missing = [(camera.name, groups.missing[c]) for c, camera in enumerate(cameras)]
            said.append(in_words(len(groups), groups.complete, sum(groups.alone), missing, ends))
    return said


def _twice(seen: Sequence[_File]) -> list[str]:
    """Files that look like copies of each other."""
    known: dict[tuple[int, int], _File] = {}
    said = []
    for file in seen:
        key = (file.look.size_bytes, file.look.frames)
        if key in known:
            said.append(
                f"{file.filename} and {known[key].filename} have the same size and as many frames:"
                " they may be the same video."
            )
        known.setdefault(key, file)
    return said


def _starts(cameras: Sequence[_Camera]) -> list[str]:
    """That cameras are taken to begin together, and what speaks against it."""
    codes = [camera.files[0].look.file_facts(camera.name).code for camera in cameras]
    apart = None
    first = codes[0]
    for camera, code in zip(cameras[1:], codes[1:], strict=True):
        if first is not None and code is not None and code.text != first.text:
            apart = (
                f"{cameras[0].name} and {camera.name} carry the timecodes {first.text} and"
                f" {code.text}"
            )
    said = "Cameras are assumed to begin together, each with its first picture."
    if apart:
        said += f" But {apart}: compare their clocks under Sync before anybody annotates."
    return [said]
