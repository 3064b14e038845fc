"""Make the demo recordings: ``python -m assets.demo --out backend/demo/assets``.

Needs the extra ``synthesis`` (numba, and anny with torch to build the bodies).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from assets import choreography
from backend.domain import masks
from worker.synthesis import props
from worker.synthesis.body import build_body
from worker.synthesis.camera import Camera, develop
from worker.synthesis.lights import Lights
from worker.synthesis.motion import Pose, complete, grounded, sample, smoothed
from worker.synthesis.outfit import Dressed, Style, dress
from worker.synthesis.scene import Mesh, Renderer
from worker.synthesis.truth import Labels, label

FPS = 10
SIZE = (640, 480)
CONDITIONS = ("ok", "blur", "dark", "empty")
FORMAT = 1


@dataclass(frozen=True)
class Person:
    """Someone in a recording: one pose per frame, None where they are away."""

    identity: str
    kind: str
    dressed: Dressed
    poses: Sequence[Pose | None]


@dataclass(frozen=True)
class Recording:
    """All that is needed to render one recording. conditions: one of CONDITIONS per frame."""

    name: str
    title: str
    room: Sequence[Mesh]
    lights: Lights
    cameras: Sequence[Camera]
    people: Sequence[Person]
    conditions: Sequence[str]
    activities: Sequence[str]
    infant: dict[str, Any]
    setting: str
    seed: int


def infant(seed: int, style: Style, stature: float, weight: float) -> Dressed:
    """A dressed infant of about ten months."""
    body = build_body(
        -0.02,
        weight=weight,
        muscle=0.2,
        head_scale=1.30,
        leg_scale=0.88,
        arm_scale=0.92,
        torso_scale=(1.14, 1.16, 1.0),
        stature=stature,
        actions={
            "mouthSmileLeft": 0.3,
            "mouthSmileRight": 0.3,
            "eyeWideLeft": 0.5,
            "eyeWideRight": 0.5,
        },
    )
    return dress(body, style, seed)


def carer(seed: int) -> Dressed:
    """A dressed adult."""
    style = Style(
        skin=(222, 176, 150),
        top=(96, 128, 112),
        stripe=None,
        bottom=(62, 72, 100),
        trim=(226, 220, 208),
        hair=(70, 46, 34),
        hair_low=1.0,
        thickness=0.008,
        nappy=0.0,
        barefoot=False,
    )
    body = build_body(
        0.55,
        gender=0.15,
        height=0.45,
        stature=1.66,
        actions={"mouthSmileLeft": 0.3, "mouthSmileRight": 0.3},
    )
    return dress(body, style, seed)


def play_mat() -> Recording:
    """Four calibrated cameras around a play mat, one infant."""
    seconds = 16
    dressed = infant(1, Style(), 0.72, 0.95)
    keys = choreography.infant_on_mat(dressed.body)
    poses = grounded(smoothed(complete(sample(keys, FPS, seconds))), dressed.body, dressed.surface)
    cameras = [
        Camera.looking_at(
            f"camera_{k + 1}",
            SIZE,
            focal,
            (radius * np.cos(azimuth), radius * np.sin(azimuth), height),
            (0.02, 0.05, 0.13),
        )
        for k, (azimuth, radius, height, focal) in enumerate(
            [
                (-0.92, 1.62, 1.02, 955.0),
                (0.72, 1.70, 1.18, 962.0),
                (2.30, 1.64, 1.06, 949.0),
                (-2.46, 1.72, 1.12, 971.0),
            ]
        )
    ]
    n = len(poses)
    activities = [choreography.activity_on_mat(k / FPS) for k in range(n)]
    return Recording(
        "play_mat",
        "Play mat, four cameras",
        props.play_room(),
        Lights.indoor(-2.2, 0.85),
        cameras,
        [Person("infant", "infant", dressed, poses)],
        ["ok"] * n,
        activities,
        {"identity": "demo-infant-a", "age_months": 10, "stature_m": 0.72},
        "a four-camera home visit",
        1,
    )


def living_room() -> Recording:
    """One camera; a carer comes in; some frames are blurred, dark or empty."""
    style = Style(
        skin=(206, 152, 120),
        top=(96, 172, 164),
        stripe=(240, 240, 228),
        trim=(44, 112, 118),
        hair=(48, 34, 28),
        iris=(88, 60, 40),
    )
    dressed, adult = infant(2, style, 0.70, 0.9), carer(3)
    shots = choreography.living_room(dressed.body, adult.body)
    infant_poses: list[Pose | None] = []
    adult_poses: list[Pose | None] = []
    for shot in shots:
        for keys, person, out in (
            (shot.infant, dressed, infant_poses),
            (shot.adult, adult, adult_poses),
        ):
            n = round(shot.seconds * FPS)
            if keys is None:
                out.extend([None] * n)
                continue
            poses = smoothed(complete(sample(keys, FPS, shot.seconds)))
            out.extend(grounded(poses, person.body, person.surface))
    conditions = [c for s in shots for c in s.conditions(FPS)]
    activities = [s.activity for s in shots for _ in range(round(s.seconds * FPS))]
    camera = Camera.looking_at("camera_1", SIZE, 850.0, (0.25, -1.75, 1.0), (0.02, 0.08, 0.26))
    return Recording(
        "living_room",
        "Living room, one camera",
        props.living_room(),
        Lights.indoor(-2.5, 0.75, key=(1.9, 1.7, 1.4), seed=1),
        [camera],
        [
            Person("infant", "infant", dressed, infant_poses),
            Person("carer", "adult", adult, adult_poses),
        ],
        conditions,
        activities,
        {"identity": "demo-infant-b", "age_months": 9, "stature_m": 0.70},
        "a video filmed with a phone",
        2,
    )


def spoil(
    linear: NDArray[np.float32], condition: str, frame: int, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Develop one frame as its condition asks: shaken, or with the lights out."""
    if condition == "blur":
        length = 21 + 6 * (frame % 3)
        angle = float(rng.uniform(0, np.pi))
        kernel = np.zeros((length, length), np.float32)
        reach = length / 2 * np.array([np.cos(angle), np.sin(angle)])
        middle = np.array([length / 2, length / 2])
        a, b = (tuple(int(v) for v in middle + s * reach) for s in (-1, 1))
        cv2.line(kernel, a, b, 1.0, 1, cv2.LINE_AA)
        shaken = cv2.filter2D(linear, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT)
        linear = np.asarray(shaken, np.float32)
    if condition == "dark":
        return develop(linear, 0.022, 2.0, rng)
    return develop(linear)


class _Video:
    """H.264 in MP4, one packet stream of exactly the frames written."""

    def __init__(self, path: Path, size: tuple[int, int], quality: int) -> None:
        self._container = av.open(str(path), "w", options={"movflags": "+faststart"})
        self._stream = self._container.add_stream("libx264", rate=FPS)
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.options = {"crf": str(quality), "preset": "slow", "g": "40"}

    def write(self, image: NDArray[np.uint8]) -> None:
        for packet in self._stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
            self._container.mux(packet)

    def close(self) -> None:
        for packet in self._stream.encode():
            self._container.mux(packet)
        self._container.close()


def make(recording: Recording, out: Path, quality: int = 22, supersample: int = 2) -> None:
    """Render a recording and write its videos, ``<name>.truth.npz`` and ``<name>.json``."""
    started = time.monotonic()
    people, cameras = recording.people, recording.cameras
    n, c, p = len(recording.conditions), len(recording.cameras), len(recording.people)
    joints3d = np.full((n, p, 17, 3), np.nan, np.float32)
    joints2d = np.full((c, n, p, 17, 2), np.nan, np.float32)
    visibility = np.zeros((c, n, p, 17), np.uint8)
    boxes = np.full((c, n, p, 4), np.nan, np.float32)
    areas = np.zeros((c, n, p), np.int32)
    counts = [[[b"" for _ in range(p)] for _ in range(n)] for _ in range(c)]
    renderer = Renderer(recording.room, recording.lights, supersample)
    rng = np.random.default_rng(recording.seed)
    videos = [
        _Video(out / video_name(recording.name, camera, c), (camera.width, camera.height), quality)
        for camera in cameras
    ]
    for k, condition in enumerate(recording.conditions):
        here = [i for i, person in enumerate(people) if person.poses[k] is not None]
        actors = []
        for i in here:
            pose = people[i].poses[k]
            assert pose is not None
            actor, joints = people[i].dressed.actor(pose.transforms(people[i].dressed.body))
            actors.append(actor)
            joints3d[k, i] = joints
        cast = renderer.stage(actors)
        for j, camera in enumerate(cameras):
            rendering = renderer.render(camera, cast)
            videos[j].write(spoil(rendering.linear, condition, k, rng))
            for a, i in enumerate(here):
                stature = people[i].dressed.body.stature
                found = label(rendering, camera, a, joints3d[k, i].astype(float), stature)
                joints2d[j, k, i], visibility[j, k, i] = found.joints, found.visibility
                boxes[j, k, i], areas[j, k, i] = found.box, int(found.mask.sum())
                counts[j][k][i] = _rle(found)
        if k % 20 == 0:
            print(
                f"{recording.name}: frame {k} of {n}, {time.monotonic() - started:.0f} s",
                flush=True,
            )
    for video in videos:
        video.close()
    flat = [b for per_camera in counts for per_frame in per_camera for b in per_frame]
    np.savez_compressed(
        out / f"{recording.name}.truth.npz",
        joints3d=joints3d,
        joints2d=joints2d,
        visibility=visibility,
        box=boxes,
        area=areas,
        rle=np.frombuffer(b"".join(flat), np.uint8),
        rle_end=np.cumsum([len(b) for b in flat]).astype(np.int64).reshape(c, n, p),
        present=~np.isnan(joints3d[:, :, 0, 0]),
        condition=np.array([CONDITIONS.index(x) for x in recording.conditions], np.uint8),
    )
    _write_metadata(recording, out)
    print(f"{recording.name}: {c * n} images in {time.monotonic() - started:.0f} s")


def _rle(found: Labels) -> bytes:
    return masks.encode(found.mask.astype(bool))["counts"].encode("ascii")


def video_name(name: str, camera: Camera, count: int) -> str:
    """File name of a camera's video."""
    return f"{name}.mp4" if count == 1 else f"{name}.{camera.name}.mp4"


def _write_metadata(recording: Recording, out: Path) -> None:
    count = len(recording.cameras)
    document = {
        "format": FORMAT,
        "name": recording.name,
        "title": recording.title,
        "source": f"Rendered by assets.demo in the manner of {recording.setting}; "
        "nobody was filmed. Bodies: anny (code Apache-2.0, data CC0).",
        "rendered": True,
        "licence": "CC0-1.0",
        "infant": recording.infant,
        "people": [{"identity": p.identity, "kind": p.kind} for p in recording.people],
        "fps": FPS,
        "frames": len(recording.conditions),
        "conditions": list(CONDITIONS),
        "activities": list(recording.activities),
        "image_convention": "(0, 0) is the outer corner of the top-left pixel; pixel centres lie "
        "at half-integers. K and joints2d follow it.",
        "cameras": [
            {
                "name": camera.name,
                "video": video_name(recording.name, camera, count),
                "width": camera.width,
                "height": camera.height,
                "K": camera.K.tolist(),
                "distortion": [0.0] * 5,
                "T_camera_world": camera.T_camera_world.tolist(),
            }
            for camera in recording.cameras
        ],
    }
    text = json.dumps(document, indent=1) + "\n"
    (out / f"{recording.name}.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Render the demo recordings.")
    parser.add_argument("--out", type=Path, default=Path("backend/demo/assets"))
    parser.add_argument("--only", choices=("play_mat", "living_room"))
    parser.add_argument("--quality", type=int, default=22, help="x264 constant rate factor")
    parser.add_argument("--supersample", type=int, default=2)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for build in (play_mat, living_room):
        if options.only in (None, build.__name__):
            make(build(), options.out, options.quality, options.supersample)


if __name__ == "__main__":
    main()
