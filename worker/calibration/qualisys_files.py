"""Qualisys Track Manager's calibration (.qca.txt, an XML).

Image coordinates are in 1/64 pixel, counted from the sensor's corner given by ``fov_video``;
places are in millimetres. ``transform`` holds the camera's place and a rotation whose rows are the
camera's axes in the world: x right, y *up*, z *backward*, hence the turn by 180° about x on the
way to ours (checked by projecting the known points of a real recording).
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

import numpy as np

from backend.domain.cameras import Camera
from backend.domain.errors import InvalidInput
from worker.calibration.texts import MAX_NUMBER, broken

_SUBPIXELS = 64.0
_TURN = np.diag([1.0, -1.0, -1.0])


def read(
    text: str, name: str, size: tuple[int, int] | None = None
) -> tuple[list[Camera], str | None, list[str]]:
    """Cameras (in millimetres still), the unit, and notes; the size is always in the file."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise broken(name, "XML with its own declarations (DTD) is not read")
    try:
        root = ElementTree.fromstring(text.encode())
    except ElementTree.ParseError as error:
        raise broken(name, f"not XML: {error}") from error
    cameras, notes = [], []
    for number, element in enumerate(root.iter("camera"), start=1):
        label = element.get("serial") or f"camera {number}"
        if element.get("active") == "0":
            notes.append(f"{label} is not active in {name} and was left out.")
            continue
        cameras.append(_camera(element, label, name))
        if element.get("viewrotation", "0") not in ("0", "none"):
            notes.append(
                f"{label} is shown rotated by {element.get('viewrotation')}° in Qualisys; its lens"
                " belongs to the picture as the sensor has it."
            )
    if not cameras:
        raise broken(name, "there is no camera in it")
    return cameras, "mm", notes


def _camera(element: ElementTree.Element, label: str, name: str) -> Camera:
    def part(*tags: str) -> ElementTree.Element:
        for tag in tags:
            found = element.find(tag)
            if found is not None:
                return found
        raise broken(name, f"camera {label} lacks <{tags[0]}>")

    def number(of: ElementTree.Element, *keys: str, default: float | None = None) -> float:
        for key in keys:
            value = of.get(key)
            if value is not None:
                try:
                    found = float(value)
                except ValueError as error:
                    raise broken(name, f"camera {label}: {key} is not a number") from error
                if not abs(found) < MAX_NUMBER:
                    raise broken(
                        name, f"camera {label}: {key} is infinite, not a number, or impossible"
                    )
                return found
        if default is None:
            raise broken(name, f"camera {label} lacks {keys[0]}")
        return default

    fov = part("fov_video", "fov_video_max", "fov_marker")
    left, top = number(fov, "left"), number(fov, "top")
    width = int(number(fov, "right") - left + 1)
    height = int(number(fov, "bottom") - top + 1)
    lens = part("intrinsic")
    K = np.array(
        [
            [
                number(lens, "focalLengthU") / _SUBPIXELS,
                number(lens, "skew", default=0.0) / _SUBPIXELS,
                number(lens, "centerPointU") / _SUBPIXELS - left,
            ],
            [
                0.0,
                number(lens, "focalLengthV") / _SUBPIXELS,
                number(lens, "centerPointV") / _SUBPIXELS - top,
            ],
            [0.0, 0.0, 1.0],
        ]
    )
    distortion = [
        number(lens, "radialDistortion1", default=0.0),
        number(lens, "radialDistortion2", default=0.0),
        # Qualisys spells it without the second n.
        number(lens, "tangentalDistortion1", "tangentialDistortion1", default=0.0),
        number(lens, "tangentalDistortion2", "tangentialDistortion2", default=0.0),
        number(lens, "radialDistortion3", default=0.0),
    ]
    place = part("transform")
    rows = [[number(place, f"r{i}{j}") for j in (1, 2, 3)] for i in (1, 2, 3)]
    centre = np.array([number(place, axis) for axis in "xyz"])
    T = np.eye(4)
    T[:3, :3] = _TURN @ np.array(rows)
    T[:3, 3] = -T[:3, :3] @ centre
    try:
        return Camera.from_opencv(label, (width, height), K, distortion, T_camera_world=T)
    except InvalidInput as error:
        raise broken(name, error.message.rstrip(".")) from error


def write(cameras: Sequence[Camera]) -> str:
    """The cameras as a document.

    Raises:
        InvalidInput: a camera has no place, a fisheye lens or rational distortion: the format has
            no room for these.
    """
    root = ElementTree.Element("calibration", {"type": "regular", "source": "infantnet"})
    listed = ElementTree.SubElement(root, "cameras")
    for camera in cameras:
        if len(camera.distortion) > 5 or camera.lens != "pinhole":
            raise InvalidInput(
                f"{camera.name}: Qualisys files know neither fisheye lenses nor 8 coefficients."
            )
        T = camera.pose
        element = ElementTree.SubElement(
            listed, "camera", {"active": "1", "serial": camera.name, "viewrotation": "0"}
        )
        right, bottom = str(camera.width - 1), str(camera.height - 1)
        for tag in ("fov_marker", "fov_marker_max", "fov_video", "fov_video_max"):
            ElementTree.SubElement(
                element, tag, {"left": "0", "top": "0", "right": right, "bottom": bottom}
            )
        R = _TURN @ T[:3, :3]
        transform = {f"r{i + 1}{j + 1}": repr(float(R[i, j])) for i in range(3) for j in range(3)}
        centre = camera.centre * 1000
        transform |= {a: repr(float(v)) for a, v in zip("xyz", centre, strict=True)}
        ElementTree.SubElement(element, "transform", transform)
        K = camera.to_opencv()
        k = np.pad(camera.distortion, (0, 5 - len(camera.distortion)))
        ElementTree.SubElement(
            element,
            "intrinsic",
            {
                "focalLengthU": repr(float(K[0, 0] * _SUBPIXELS)),
                "focalLengthV": repr(float(K[1, 1] * _SUBPIXELS)),
                "centerPointU": repr(float(K[0, 2] * _SUBPIXELS)),
                "centerPointV": repr(float(K[1, 2] * _SUBPIXELS)),
                "skew": repr(float(K[0, 1] * _SUBPIXELS)),
                "radialDistortion1": repr(float(k[0])),
                "radialDistortion2": repr(float(k[1])),
                "radialDistortion3": repr(float(k[4])),
                "tangentalDistortion1": repr(float(k[2])),
                "tangentalDistortion2": repr(float(k[3])),
                "sensorMinU": "0", "sensorMinV": "0",
                "sensorMaxU": str(camera.width * 64 - 64),
                "sensorMaxV": str(camera.height * 64 - 64),
            },
        )  # fmt: skip
    ElementTree.indent(root)
    return "<?xml version='1.0' encoding='UTF-8'?>\n" + ElementTree.tostring(root, "unicode") + "\n"
