"""Faces in released images: how much of true heads is masked, and what masking costs.

``python -m benchmarks.mask_faces [SCENES]``. Rendered infants of seeds and bodies that the rule was
not developed on (that was on seeds 101 to 103), in all postures and from all sides; where ``anny``
is installed, rendered adults as well. The joints are what annotators place: those in the picture,
seen or hidden; beside them with an error, and with joints left out. Head and face pixels are known
from the renderer. The baseline is what one would write first: the rectangle around the joints of
the face with a fifth of its sides added on each side, from the same joints.

Speed: files without people against ``cp``, files with one masked head against OpenCV's plain
decoding and encoding of the same files, all in one thread and in turn.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from backend.domain.boxes import Box
from backend.domain.keypoints import ABSENT_JOINT, Joint, Skeleton, Visibility
from backend.domain.privacy.faces import GROUNDS, Ground, HeadRegion, head_region
from backend.domain.privacy.heads import PersonKind
from backend.domain.privacy.people import Person
from backend.domain.privacy.rule import MaskingMethod, MaskingRule
from backend.domain.skeleton import FACE
from benchmarks.table import Row, not_below, print_table
from worker.media.anonymising import release_file
from worker.synthesis.body import PARTS
from worker.synthesis.open_infants import Infant
from worker.synthesis.shots import SCENE, People, RandomPeople, Shot, Studio, draw_scene

SCENES = 12
SEEDS = (8101, 8102, 8103, 8104)
SIZE = (640, 480)
COPIES = 240
MIN_HEAD_PIXELS = 40
HIDDEN = 0.99
"""Share of a face that must be masked for it to count as hidden."""


@dataclass(frozen=True)
class Truth:
    """One picture. head, face: (H, W) bool, the pixels that show them."""

    shot: Shot
    head: NDArray[np.bool_]
    face: NDArray[np.bool_]


def pictures(people: People, seeds: Sequence[int], scenes: int) -> Iterator[Truth]:
    for number in range(scenes):
        seed = seeds[number % len(seeds)]
        scene = draw_scene(seed, number, people, 256)
        studio = Studio(scene, seed, people, SIZE)
        for index in range(number * SCENE, (number + 1) * SCENE):
            shot = studio.shot(index)
            head = shot.rendering.part == PARTS.index("head")
            if head.sum() >= MIN_HEAD_PIXELS:
                yield Truth(shot, head, head & in_front_of_the_ears(shot))


def in_front_of_the_ears(shot: Shot) -> NDArray[np.bool_]:
    """(H, W) pixels whose surface lies in front of the plane through the ears, face upwards."""
    camera, depth = shot.camera, shot.rendering.depth
    rows, columns = np.mgrid[: camera.height, : camera.width] + 0.5
    ray = np.stack([columns, rows, np.ones_like(rows)], axis=-1) @ np.linalg.inv(camera.K).T
    rigid = camera.T_camera_world
    with np.errstate(invalid="ignore"):
        place = (ray * depth[..., None] - rigid[:3, 3]) @ rigid[:3, :3]
    nose, left_eye, right_eye, left_ear, right_ear = shot.joints_world[list(FACE)]
    ears = (left_ear + right_ear) / 2
    side = (left_ear - right_ear) / np.linalg.norm(left_ear - right_ear)
    front = (left_eye + right_eye + nose) / 3 - ears
    front -= side * (front @ side)
    length = float(np.linalg.norm(front))
    with np.errstate(invalid="ignore"):
        return np.asarray((place - ears) @ (front / length) > 0.25 * length)


def person(
    truth: Truth,
    kind: PersonKind,
    *,
    without: tuple[int, ...] = (),
    error: float = 0.0,
    rng: np.random.Generator | None = None,
) -> Person:
    """What labels say of a picture. error: standard deviation, as a share of the box's diagonal."""
    labels, joints = truth.shot.labels, []
    x0, y0, x1, y1 = (float(v) for v in labels.box)
    for index, ((x, y), seen) in enumerate(zip(labels.joints, labels.visibility, strict=True)):
        if not seen or index in without:
            joints.append(ABSENT_JOINT)
            continue
        if rng is not None and error:
            dx, dy = rng.normal(0, error * np.hypot(x1 - x0, y1 - y0), 2)
            x, y = x + dx, y + dy
        joints.append(Joint(float(x), float(y), Visibility(int(seen))))
    return Person.labelled(Skeleton(tuple(joints)), kind=kind, box=Box(x0, y0, x1 - x0, y1 - y0))


def covered(found: HeadRegion) -> NDArray[np.bool_]:
    width, height = SIZE
    out = np.zeros((height, width), dtype=bool)
    window = found.region.window(width, height)
    out[window.slices] = window.inside
    return out


def baseline(somebody: Person) -> NDArray[np.bool_]:
    """The rectangle around the joints of the face, a fifth of its sides larger on each side."""
    width, height = SIZE
    out = np.zeros((height, width), dtype=bool)
    places = somebody.points[list(FACE)]
    places = places[np.isfinite(places[:, 0])]
    if len(places):
        low, high = places.min(axis=0), places.max(axis=0)
        low, high = low - 0.2 * (high - low), high + 0.2 * (high - low)
        left, top = np.clip(np.floor(low), 0, SIZE).astype(int)
        right, bottom = np.clip(np.ceil(high), 0, SIZE).astype(int)
        out[top:bottom, left:right] = True
    return out


@dataclass
class Count:
    """Pictures of one kind: shares of true pixels covered, and what it cost."""

    head: list[float]
    face: list[float]
    plain_head: list[float]
    plain_face: list[float]
    area: list[float]

    @classmethod
    def empty(cls) -> Count:
        return cls([], [], [], [], [])

    def add(self, truth: Truth, mask: NDArray[np.bool_], plain: NDArray[np.bool_]) -> None:
        self.head.append(float(mask[truth.head].mean()))
        self.plain_head.append(float(plain[truth.head].mean()))
        self.area.append(float(mask.sum() / truth.head.sum()))
        if truth.face.sum() >= MIN_HEAD_PIXELS:
            self.face.append(float(mask[truth.face].mean()))
            self.plain_face.append(float(plain[truth.face].mean()))


TRIALS: tuple[tuple[str, dict[str, object]], ...] = (
    ("joints as they are", {}),
    ("… 1 % of the box's diagonal off", {"error": 0.01}),
    ("… 2 % off", {"error": 0.02}),
    ("nose and one ear", {"without": (1, 2, 4)}),
    ("eyes alone", {"without": (0, 3, 4)}),
    ("one ear alone", {"without": (0, 1, 2, 4)}),
    ("no joint of the face", {"without": FACE}),
    ("face, shoulders left out", {"without": (*FACE, 5, 6)}),
)


def recall(title: str, people: People, kind: PersonKind, scenes: int) -> list[Row]:
    found: dict[tuple[str, Ground], Count] = {}
    rng = np.random.default_rng(0)
    for truth in pictures(people, SEEDS, scenes):
        for name, change in TRIALS:
            somebody = person(truth, kind, rng=rng, **change)  # type: ignore[arg-type]
            region = head_region(somebody, *SIZE)
            count = found.setdefault((name, region.ground), Count.empty())
            count.add(truth, covered(region), baseline(somebody))
    rows = []
    header = ("joints", "ground", "pictures", "face", "head", "hidden", "area", "plain face",
              "plain head", "plain hidden")  # fmt: skip
    cells = [header]
    names = [name for name, _ in TRIALS]
    for (name, ground), c in sorted(
        found.items(), key=lambda item: (names.index(item[0][0]), GROUNDS.index(item[0][1]))
    ):
        cells.append(
            (
                name, ground.value, str(len(c.head)), _share(np.mean(c.face)),
                _share(np.mean(c.head)), _share(np.mean(np.array(c.face) >= HIDDEN)),
                f"{np.median(c.area):.1f}", _share(np.mean(c.plain_face)),
                _share(np.mean(c.plain_head)),
                _share(np.mean(np.array(c.plain_face) >= HIDDEN)),
            )
        )  # fmt: skip
        if name == names[0] and ground is Ground.FACE_JOINTS:
            rows.append(
                not_below(f"{title}: face pixels masked", 100 * float(np.mean(c.face)),
                          "plain rectangle", 100 * float(np.mean(c.plain_face)), "%")
            )  # fmt: skip
    print(f"\n{title}: share of true pixels masked")
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    return rows


def _share(value: float) -> str:
    return f"{100 * float(value):.2f} %"


class Adults:
    """Adults of anny in the postures and rooms of the infants, at their size in the picture."""

    SHAPES = ((0.45, 0.0, 0.3), (0.55, 1.0, 0.8), (0.8, 0.2, 0.6), (0.95, 0.9, 0.5))

    def __init__(self) -> None:
        self._plain = RandomPeople()

    def infant(self, rng: np.random.Generator, index: int) -> Infant:
        from worker.synthesis.body import build_body

        age, gender, weight = self.SHAPES[(index // SCENE) % len(self.SHAPES)]
        body = build_body(age, gender=gender, weight=weight, stature=0.72)
        return Infant(body, np.zeros(0), 1.0)

    move = RandomPeople.move


def in_turn(tasks: dict[str, Callable[[], None]], times: int) -> dict[str, float]:
    """The best of several runs of each task, run in turn, seconds."""
    best = dict.fromkeys(tasks, np.inf)
    for _ in range(times):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def speed(folder: Path, size: tuple[int, int]) -> list[Row]:
    people = RandomPeople()
    scene = draw_scene(8100, 0, people, 384)
    studio = Studio(scene, 8100, people, (1280, 720))
    stored, out = folder / "stored", folder / "out"
    stored.mkdir()
    files, who = [], []
    for index in range(COPIES):
        if index < SCENE:
            shot = studio.shot(index)
            picture = cv2.resize(shot.image[:, :, ::-1], size, interpolation=cv2.INTER_CUBIC)
            coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
            files.append(coded)
            scale = size[0] / 1280
            points = np.where(
                shot.labels.visibility[:, None] > 0, shot.labels.joints * scale, np.nan
            )
            who.append(Person("infant", PersonKind.INFANT, points, np.isfinite(points[:, 0])))
        (stored / f"{index:04d}.jpg").write_bytes(files[index % SCENE])
    paths = sorted(stored.iterdir())

    def anew(name: str) -> Path:
        """An empty folder; both sides pay for clearing it."""
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
        return folder / name

    out.mkdir()

    def copy() -> None:
        subprocess.run(["cp", "-r", str(stored), str(anew("copied") / "all")], check=True)

    def strip() -> None:
        anew("out")
        for path in paths:
            release_file(path, out / path.name, [], MaskingRule(), size)

    def plain() -> None:
        for path in paths[:SCENE]:
            picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
            coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 92])[1]
            (out / path.name).write_bytes(coded.tobytes())

    def mask(rule: MaskingRule) -> Callable[[], None]:
        def task() -> None:
            for path, somebody in zip(paths[:SCENE], who, strict=True):
                release_file(path, out / path.name, [somebody], rule, size)

        return task

    copies = in_turn({"strip": strip, "cp": copy}, 5)
    coded = in_turn({"plain": plain, **{m.value: mask(MaskingRule(m)) for m in MaskingMethod}}, 5)
    megabytes = sum(path.stat().st_size for path in paths) / 1e6
    rows = [
        Row(
            f"{COPIES} files of {megabytes / COPIES:.2f} MB without people, one thread",
            f"{copies['strip']:.3g} s", f"cp -r: {copies['cp']:.3g} s",
            copies["cp"] / copies["strip"], "-", None,
        )
    ]  # fmt: skip
    for method in MaskingMethod:
        seconds = coded[method.value]
        rows.append(
            Row(
                f"{SCENE} files with a head masked and looked at: {method.value}",
                f"{seconds:.3g} s", f"decode + encode: {coded['plain']:.3g} s",
                coded["plain"] / seconds, "-", None,
            )
        )  # fmt: skip
    return rows


def main(scenes: int = SCENES) -> int:
    cv2.setNumThreads(1)
    rows = recall("rendered infants", RandomPeople(), PersonKind.INFANT, scenes)
    try:
        import anny  # noqa: F401
    except ImportError:
        print("\nanny is not installed: no rendered adults")
    else:
        rows += recall("rendered adults", Adults(), PersonKind.UNKNOWN, max(1, scenes // 2))
    with tempfile.TemporaryDirectory() as folder:
        rows += speed(Path(folder), (1920, 1080))
    print_table("Masking faces in released images", rows)
    return 0 if all(row.passed is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(*(int(a) for a in sys.argv[1:2])))
