"""The shipped demo recordings and their ground truth, read from ``backend/demo/assets``.

Image points follow the product's convention: (0, 0) is the outer corner of the top-left pixel.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.domain.errors import InvalidInput, NotFound
from backend.domain.masks import Rle

ASSETS = Path(__file__).with_name("assets")
FORMAT = 1


@dataclass(frozen=True)
class DemoCamera:
    """One camera of a demo recording.

    video: path of its H.264 file. K: (3, 3). distortion: (5,) k1 k2 p1 p2 k3. T_camera_world:
    (4, 4), world metres (z up) to camera metres (x right, y down, z forward).
    """

    name: str
    video: Path
    width: int
    height: int
    K: NDArray[np.float64]
    distortion: NDArray[np.float64]
    T_camera_world: NDArray[np.float64]


@dataclass(frozen=True)
class DemoRecording:
    """What there is to know about a demo recording without its truth.

    source: a sentence saying that it is rendered, and by what. infant: identity, age_months,
    stature_m. people: identity and kind ("infant" or "adult") of everybody who appears.
    activities: one word or two per frame.
    """

    name: str
    title: str
    source: str
    licence: str
    rendered: bool
    fps: float
    frames: int
    infant_identity: str
    infant_age_months: float
    infant_stature_m: float
    people: tuple[tuple[str, str], ...]
    activities: tuple[str, ...]
    cameras: tuple[DemoCamera, ...]
    truth: Path

    @property
    def videos(self) -> dict[str, Path]:
        """Video path by camera name."""
        return {camera.name: camera.video for camera in self.cameras}


@dataclass(frozen=True)
class PersonTruth:
    """One person in one frame of one camera.

    joints3d: (17, 3) world metres. joints2d: (17, 2) px, given even outside the image.
    visibility: (17,) 2 seen, 1 hidden by something, 0 outside the image. box: x0, y0, x1, y1 px,
    the smallest rectangle around mask ∪ hidden joints, clipped to the image; None when the person
    is out of view. area: mask pixels. mask: COCO run lengths.
    """

    identity: str
    kind: str
    joints3d: NDArray[np.float64]
    joints2d: NDArray[np.float64]
    visibility: NDArray[np.int64]
    box: tuple[float, float, float, float] | None
    area: int
    mask: Rle


@dataclass(frozen=True)
class FrameTruth:
    """One frame of one camera. condition: "ok", "blur", "dark" or "empty" (no infant)."""

    recording: str
    camera: str
    index: int
    condition: str
    activity: str
    width: int
    height: int
    people: tuple[PersonTruth, ...]

    @property
    def infant(self) -> PersonTruth | None:
        """The infant, or None where there is none."""
        return next((p for p in self.people if p.kind == "infant"), None)


@dataclass(frozen=True)
class CameraTruth:
    """All frames of one camera; frame k is the k-th decoded frame of its video."""

    camera: DemoCamera
    frames: tuple[FrameTruth, ...]


@dataclass(frozen=True)
class RecordingTruth:
    """A demo recording with its ground truth, camera by camera."""

    recording: DemoRecording
    cameras: tuple[CameraTruth, ...]

    def camera(self, name: str) -> CameraTruth:
        """The frames of the named camera."""
        for found in self.cameras:
            if found.camera.name == name:
                return found
        raise NotFound(f"The demo recording {self.recording.name} has no camera {name}.")


def list_demo_recordings(folder: Path = ASSETS) -> tuple[DemoRecording, ...]:
    """All demo recordings in a folder, four-camera ones first, then by name."""
    found = [_recording(path) for path in sorted(folder.glob("*.json"))]
    return tuple(sorted(found, key=lambda r: (-len(r.cameras), r.name)))


def load_truth(name: str, folder: Path = ASSETS) -> RecordingTruth:
    """Read a demo recording's ground truth.

    Raises:
        NotFound: there is no such recording.
        InvalidInput: its files are damaged or of another format.
    """
    path = folder / f"{name}.json"
    if not path.is_file():
        raise NotFound(f"There is no demo recording called {name}.")
    recording = _recording(path)
    try:
        with np.load(recording.truth, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        conditions = json.loads(path.read_text(encoding="utf-8"))["conditions"]
        return RecordingTruth(recording, _cameras(recording, arrays, conditions))
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise InvalidInput(
            f"The demo's ground truth cannot be read: {recording.truth.name}.",
            file=recording.truth.name,
            fault=str(error),
        ) from error


def _recording(path: Path) -> DemoRecording:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']} is unknown")
        return DemoRecording(
            name=document["name"],
            title=document["title"],
            source=document["source"],
            licence=document["licence"],
            rendered=bool(document["rendered"]),
            fps=float(document["fps"]),
            frames=int(document["frames"]),
            infant_identity=document["infant"]["identity"],
            infant_age_months=float(document["infant"]["age_months"]),
            infant_stature_m=float(document["infant"]["stature_m"]),
            people=tuple((p["identity"], p["kind"]) for p in document["people"]),
            activities=tuple(document["activities"]),
            cameras=tuple(
                DemoCamera(
                    name=c["name"],
                    video=path.with_name(c["video"]),
                    width=int(c["width"]),
                    height=int(c["height"]),
                    K=np.array(c["K"], float),
                    distortion=np.array(c["distortion"], float),
                    T_camera_world=np.array(c["T_camera_world"], float),
                )
                for c in document["cameras"]
            ),
            truth=path.with_name(f"{document['name']}.truth.npz"),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"The demo's description cannot be read: {path.name}.", file=path.name, fault=str(error)
        ) from error


def _cameras(
    recording: DemoRecording, arrays: dict[str, NDArray[Any]], conditions: list[str]
) -> tuple[CameraTruth, ...]:
    ends = arrays["rle_end"]
    starts = np.concatenate([[0], ends.reshape(-1)[:-1]]).reshape(ends.shape)
    text = arrays["rle"].tobytes()
    out = []
    for c, camera in enumerate(recording.cameras):
        frames = []
        for k in range(recording.frames):
            people = []
            for p, (identity, kind) in enumerate(recording.people):
                if not arrays["present"][k, p]:
                    continue
                box = arrays["box"][c, k, p].astype(float)
                people.append(
                    PersonTruth(
                        identity=identity,
                        kind=kind,
                        joints3d=arrays["joints3d"][k, p].astype(float),
                        joints2d=arrays["joints2d"][c, k, p].astype(float),
                        visibility=arrays["visibility"][c, k, p].astype(np.int64),
                        box=None if np.isnan(box).any() else (box[0], box[1], box[2], box[3]),
                        area=int(arrays["area"][c, k, p]),
                        mask=Rle(
                            size=[camera.height, camera.width],
                            counts=text[starts[c, k, p] : ends[c, k, p]].decode("ascii"),
                        ),
                    )
                )
            frames.append(
                FrameTruth(
                    recording.name,
                    camera.name,
                    k,
                    conditions[arrays["condition"][k]],
                    recording.activities[k],
                    camera.width,
                    camera.height,
                    tuple(people),
                )
            )
        out.append(CameraTruth(camera, tuple(frames)))
    return tuple(out)
