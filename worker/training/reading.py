"""Reads material: a release's folder, a folder of ``infantnet synthesise``, any COCO set.

A release's folder holds ``annotations/<split>.json``, ``images/``, ``fits/<split>.npz`` and
``cameras/``; renders one ``annotations.json``. Other sets in COCO's layout are read alike:
``annotations/*.json`` with the split in the file's name, or a single file beside its images. Files
of other tools become such a set by ``infantnet tools convert``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import numpy as np
import orjson

from backend.domain.errors import InvalidInput, NotFound
from backend.domain.pixels import PixelRule
from backend.domain.skeleton import JOINTS, N_JOINTS
from worker.training.fit_files import Fits, PlacedCamera, read_cameras, read_fits
from worker.training.material import (
    TEST,
    TRAIN,
    VALIDATION,
    Array,
    Body,
    Material,
    Sample,
    with_validation,
)

SUMS: Final = "SHA256SUMS"
_SIDES: Final = (("test", TEST), ("val", VALIDATION), ("dev", VALIDATION), ("train", TRAIN))
_OURS: Final = "infantnet"
_BOX: Final = 4
"""Numbers of a box."""


def read(folder: Path, *, second: Path | None = None, seed: int = 0) -> Material:
    """Read material; a validation side is cut where none came with it.

    Args:
        folder: Of a release, of renders, or of a COCO set; or a single COCO file.
        second: Of another set beside it.
        seed: Of the cut.

    Raises:
        NotFound: there is no such folder.
        InvalidInput: it holds nothing that can be read, an image is missing, or no validation side
            can be cut.
    """
    material = with_validation(read_parts(folder), seed)
    return material if second is None else material.with_second(read(second, seed=seed))


def read_parts(folder: Path) -> Material:
    """Read material as it was split; nothing is cut from anything."""
    files = annotation_files(folder)
    root = folder if folder.is_dir() else folder.parent
    parts: dict[str, list[Sample]] = {}
    notes: list[str] = []
    rendered = False
    name = root.name
    for file in files:
        side = TRAIN if len(files) == 1 else side_of(file.stem)
        if side is None:
            notes.append(f"{file.name} was left out: its name says neither train, val nor test.")
            continue
        coco = _load(file)
        about = coco.get("info", {}).get(_OURS, {}) if isinstance(coco.get("info"), dict) else {}
        rendered = rendered or bool(about.get("rendered"))
        if about.get("dataset") and about.get("release"):
            name = f"{about['dataset']}@{about['release']}"
        parts.setdefault(side, []).extend(_samples(coco, about, file, root, notes))
    if not any(parts.values()):
        raise InvalidInput(f"{folder} holds no labelled infant.", fault="nothing labelled")
    return Material(
        name=name,
        root=root,
        sha256=_hash(root, files),
        parts={side: tuple(part) for side, part in parts.items()},
        rendered=rendered,
        notes=tuple(dict.fromkeys(notes)),
    )


def annotation_files(folder: Path) -> list[Path]:
    """The COCO files of a folder.

    Raises:
        NotFound: there is no such folder.
        InvalidInput: it holds none.
    """
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise NotFound(f"{folder} is not there.", file=str(folder))
    found = sorted((folder / "annotations").glob("*.json"))
    if not found and (folder / "annotations.json").is_file():
        found = [folder / "annotations.json"]
    if not found:
        found = sorted(path for path in folder.glob("*.json") if side_of(path.stem))
    if not found:
        raise InvalidInput(
            f"{folder} holds neither annotations/*.json nor annotations.json: it is no release, no"
            " folder of “infantnet synthesise” and no COCO set.",
            file=str(folder),
            fault="no annotations",
        )
    return found


def side_of(name: str) -> str | None:
    """Which side a file's name tells; None where it tells none."""
    lower = name.lower()
    return next((side for word, side in _SIDES if word in lower), None)


def _hash(root: Path, files: Sequence[Path]) -> str:
    sums = root / SUMS
    digest = hashlib.sha256()
    for file in [sums] if sums.is_file() else files:
        if not sums.is_file():
            digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def _load(file: Path) -> dict[str, Any]:
    try:
        coco = orjson.loads(file.read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidInput(
            f"{file.name} is not JSON: {error}", file=str(file), fault="not JSON"
        ) from error
    wanted = ("images", "annotations", "categories")
    if not isinstance(coco, dict) or not all(isinstance(coco.get(k), list) for k in wanted):
        raise InvalidInput(
            f"{file.name} is not a COCO file: it has no lists of images, annotations and"
            " categories.",
            file=str(file),
            fault="not COCO",
        )
    _require_told(coco, file)
    return coco


def _require_told(coco: Mapping[str, Any], file: Path) -> None:
    for kind, needed in (
        ("images", ("id", "file_name", "width", "height")),
        ("annotations", ("image_id",)),
        ("categories", ()),
    ):
        for number, one in enumerate(coco[kind], 1):
            missing = [
                name for name in needed if not isinstance(one, dict) or one.get(name) is None
            ]
            if missing or not isinstance(one, dict):
                raise InvalidInput(
                    f"{file.name}: entry {number} of its {kind} has no"
                    f" {', '.join(missing) or 'names'}.",
                    file=str(file),
                    fault="not COCO",
                )


@dataclass(frozen=True, slots=True)
class _Beside:
    """What lies beside an annotation file.

    Attributes:
        file: The annotation file.
        folders: Where images may lie.
        shift: What is added to joints so that 0 is the outer corner of the first pixel.
        fits: Body fits by file.
        cameras: Cameras by the folder of their images.
        model: Which body model a rendered set was made with.
    """

    file: Path
    folders: tuple[Path, ...]
    shift: float
    fits: Mapping[str, Fits]
    cameras: Mapping[str, PlacedCamera]
    model: str


def _samples(
    coco: Mapping[str, Any], about: Mapping[str, Any], file: Path, root: Path, notes: list[str]
) -> Iterator[Sample]:
    _require_joints(coco, file)
    beside = _Beside(
        file=file,
        folders=_image_folders(file, root),
        shift=_shift(coco, about, notes, file),
        fits=read_fits(root),
        cameras=read_cameras(root),
        model=str((about.get("body") or {}).get("name", "")) if about.get("rendered") else "",
    )
    images = {image["id"]: image for image in coco["images"]}
    for annotation in infants_of(coco["annotations"]):
        image = images.get(annotation.get("image_id"))
        if image is None:
            raise InvalidInput(
                f"{file.name}: the annotation {annotation.get('id')} is of an image that the file"
                " does not list.",
                file=str(file),
                fault="image not listed",
            )
        try:
            sample = _sample(annotation, image, beside)
        except (KeyError, TypeError, ValueError) as error:
            what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
            raise InvalidInput(
                f"{file.name}: the annotation {annotation.get('id')} cannot be read: {what}.",
                file=str(file),
                fault="damaged annotation",
            ) from error
        yield sample


def infants_of(annotations: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The annotations that are learnt from: of several people in an image only the one that is
    said to be the infant, where somebody is; no crowds and nobody without joints."""
    told = {
        a["image_id"]
        for a in annotations
        if isinstance(a.get(_OURS), dict) and a[_OURS].get("is_infant")
    }
    return [
        a
        for a in annotations
        if not a.get("iscrowd")
        and any((a.get("keypoints") or ())[2::3])
        and (a["image_id"] not in told or (a.get(_OURS) or {}).get("is_infant"))
    ]


def _require_joints(coco: Mapping[str, Any], file: Path) -> None:
    for category in coco["categories"]:
        names = category.get("keypoints")
        if names and tuple(names) != JOINTS:
            raise InvalidInput(
                f"{file.name} has {len(names)} joints that are not COCO's 17: make it into a COCO"
                " file of 17 joints by “infantnet tools convert”.",
                file=str(file),
                fault="other joints",
            )


def _shift(
    coco: Mapping[str, Any], about: Mapping[str, Any], notes: list[str], file: Path
) -> float:
    declared = about.get("pixels")
    if declared in {rule.value for rule in PixelRule}:
        return PixelRule(declared).shift
    flat = (v for a in coco["annotations"] for v in a.get("keypoints") or ())
    if any(isinstance(v, float) and not v.is_integer() for v in flat):
        notes.append(
            f"{file.name} does not say how its pixels are counted; 0 was taken for the centre of"
            " the first one, as COCO has it."
        )
    return PixelRule.INDEX.shift


def _image_folders(file: Path, root: Path) -> tuple[Path, ...]:
    split = file.stem.removeprefix("person_keypoints_")
    return (root, root / "images", root / "images" / split, root / split, file.parent)


def _sample(annotation: Mapping[str, Any], image: Mapping[str, Any], beside: _Beside) -> Sample:
    of_image: Mapping[str, Any] = image.get(_OURS) or {}
    told: Mapping[str, Any] = annotation.get(_OURS) or {}
    if (count := len(annotation["keypoints"])) != 3 * N_JOINTS:
        raise ValueError(f"it has {count} numbers of key points, not {3 * N_JOINTS}")
    joints = np.array(annotation["keypoints"], float).reshape(N_JOINTS, 3)
    joints[:, :2] += beside.shift
    joints[joints[:, 2] <= 0] = 0
    box = tuple(float(v) for v in annotation.get("bbox") or (0.0, 0.0, 0.0, 0.0))
    if len(box) != _BOX:
        raise ValueError(f"its box has {len(box)} numbers, not 4")
    name = str(image["file_name"])
    named = of_image.get("camera")
    time_s = of_image.get("time_s")
    placed = _placed(named, PurePosixPath(name).parent.as_posix(), beside)
    if placed is not None:
        placed = placed.at(None if time_s is None else float(time_s))
    body, joints_3d = _body(told, beside)
    pose = None if placed is None else placed.T_camera_world
    if joints_3d is not None and pose is not None:
        joints_3d = joints_3d @ pose[:3, :3].T + pose[:3, 3]
    else:
        joints_3d = _array(told.get("joints_3d_camera"))
    return Sample(
        image=_found(name, beside),
        image_id=int(image["id"]),
        width=int(image["width"]),
        height=int(image["height"]),
        joints=joints,
        box=(box[0], box[1], box[2], box[3]),
        area=float(annotation.get("area") or box[2] * box[3]),
        infant=str(of_image.get("infant") or _drawn_infant(told)),
        recording=str(of_image.get("recording") or ""),
        camera=named if isinstance(named, str) else "",
        time_s=None if time_s is None else float(time_s),
        posture=told.get("posture"),
        posture_group=told.get("posture_group"),
        K=None if placed is None else placed.K,
        distortion=None if placed is None else placed.distortion,
        T_camera_world=pose,
        joints_3d=joints_3d,
        body=body,
    )


def _placed(named: Any, folder: str, beside: _Beside) -> PlacedCamera | None:
    """The camera of an image: told with it, as renders do, or in a file of its own."""
    if isinstance(named, Mapping) and "K" in named:
        return PlacedCamera(
            np.asarray(named["K"], float),
            np.asarray(named.get("distortion", ()), float),
            _array(named.get("T_camera_world")),
        )
    return beside.cameras.get(folder)


def _drawn_infant(told: Mapping[str, Any]) -> str:
    """Who a rendered infant is: those of one shape are one."""
    body = told.get("body")
    if not isinstance(body, Mapping) or "betas" not in body:
        return ""
    return hashlib.sha256(repr((body["betas"], body.get("scale"))).encode()).hexdigest()[:12]


def _body(told: Mapping[str, Any], beside: _Beside) -> tuple[Body | None, Array | None]:
    """The body of a sample, and COCO's joints of it in the world where it was fitted."""
    drawn, fit = told.get("body"), told.get("fit")
    if isinstance(drawn, Mapping) and "pose" in drawn:
        parts = (np.asarray(drawn[k], float) for k in ("betas", "pose"))
        betas, pose = parts
        where = np.asarray(drawn["translation"], float)
        return Body(beside.model, betas, pose, float(drawn["scale"]), where), None
    fits = beside.fits.get(str(fit.get("file"))) if isinstance(fit, Mapping) else None
    if fits is None or fit is None:
        return None, None
    row = int(fit["index"])
    return fits.bodies[row], fits.joints[row]


def _array(value: Any) -> Array | None:
    return None if value is None else np.asarray(value, float)


def _found(name: str, beside: _Beside) -> Path:
    file, folders = beside.file, beside.folders
    for folder in folders:
        path = folder / name
        if path.is_file():
            return path
    raise InvalidInput(
        f"{file.name} lists the image {name}, which is not in {folders[0]}: material needs its"
        " images beside it.",
        file=str(file),
        fault="image missing",
    )
