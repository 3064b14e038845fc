"""Files of other tools, told by what is in them, and how to get COCO keypoints from each.

A file that somebody takes for COCO is often another export of the same tool. Its name helps more
than the first member that is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Foreign:
    """A kind of file that is not read here.

    Attributes:
        title: What it is, with its article.
        advice: What to do instead.
        format: The format that reads it, on plain files; empty where there is none.
    """

    title: str
    advice: str
    format: str = ""

    def __str__(self) -> str:
        said = f"this is {self.title}, not a COCO keypoint file; {self.advice}"
        if self.format:
            said += "; or let `infantnet tools convert` make a COCO file of it"
        return said


_CONVERT: Final = "convert it to COCO keypoints first, with the names of the joints"
_CVAT_ADVICE: Final = "in CVAT, export the task again as “COCO Keypoints 1.0”"
_YOLO_ADVICE: Final = (
    "convert the labels to COCO keypoints first, with image sizes and the names of the joints"
)

_DATUMARO: Final = Foreign(
    "a Datumaro dataset", "let `datum convert` write it as coco_person_keypoints"
)
_SLEAP: Final = Foreign("a SLEAP labels file", _CONVERT)
_SLEAP_H5: Final = Foreign("a SLEAP labels file", _CONVERT, "sleap")
_DLC: Final = Foreign("a DeepLabCut table", _CONVERT, "deeplabcut")
_DLC_H5: Final = Foreign("a DeepLabCut table (.h5)", _CONVERT, "deeplabcut")
_SLEAP_OR_DLC: Final = Foreign(
    "an HDF5 file, as DeepLabCut (.h5) and SLEAP (.slp) write them", _CONVERT
)
_CVAT_XML: Final = Foreign("a CVAT annotation file (XML)", _CVAT_ADVICE, "cvat")
_CVAT_JSON: Final = Foreign(
    "a CVAT annotation file (JSON of a task backup)", _CVAT_ADVICE, "cvat-json"
)
_VOC: Final = Foreign("a Pascal VOC file (XML)", "it holds boxes without joints")
_XML: Final = Foreign("an XML file", "export COCO keypoints (JSON) from the tool that wrote it")
_LABEL_STUDIO: Final = Foreign(
    "a Label Studio export (JSON)", "in Label Studio, export it again as COCO", "label-studio"
)
_YOLO_LABELS: Final = Foreign("a YOLO label file", _YOLO_ADVICE)
_YOLO_YAML: Final = Foreign("a YOLO dataset file (YAML)", _YOLO_ADVICE, "yolo")
_LABELME: Final = Foreign(
    "a Labelme file",
    "there is one for each image; convert them together to COCO keypoints",
    "labelme",
)
_VIA: Final = Foreign(
    "a VGG Image Annotator (VIA) project",
    "in VIA, choose Annotation → Export Annotations (COCO format)",
)
_VIA_CSV: Final = Foreign("a VGG Image Annotator (VIA) table", _VIA.advice)
_MMPOSE: Final = Foreign(
    "a file of MMPose predictions",
    "let MMPose’s CocoMetric write results (`outfile_prefix`), which are read here",
)
_ALPHAPOSE: Final = Foreign(
    "an AlphaPose file in its own or OpenPose’s form",
    "run AlphaPose without `--format`: the one file of results that it writes then is read here",
)
_OPENPOSE: Final = Foreign(
    "an OpenPose file (one image’s people)",
    "run OpenPose with `--write_coco_json`, or convert its files together to COCO keypoints",
)
_SUPERVISELY: Final = Foreign(
    "a Supervisely annotation", "in Supervisely, export the project as COCO keypoints"
)
_LABELBOX: Final = Foreign("a Labelbox export", _CONVERT)
_DARWIN: Final = Foreign("a V7 Darwin annotation", "in V7, export the dataset as COCO")
_PANOPTIC: Final = Foreign("a COCO panoptic segmentation file", "it holds segments without joints")
_CAPTIONS: Final = Foreign("a COCO captions file", "it holds sentences without joints")
_INSTANCES: Final = Foreign(
    "a COCO instances file (boxes and outlines)",
    "it holds no joints; take the person_keypoints file beside it, or import the images alone",
)
_GEOJSON: Final = Foreign("a GeoJSON file", _CONVERT)
_ZIP: Final = Foreign(
    "a zip archive", "unpack it, and choose the .json file with the keypoints in it"
)
_NUMPY: Final = Foreign("a NumPy file", _CONVERT)
_PICKLE: Final = Foreign("a Python pickle", "it is not opened, because it could run code")
_MATLAB: Final = Foreign("a MATLAB file", _CONVERT)
_PARQUET: Final = Foreign("a Parquet table", _CONVERT)
_SQLITE: Final = Foreign("an SQLite database", _CONVERT)
_IMAGE: Final = Foreign("an image", "the labels or predictions are in a .json file")
_VIDEO: Final = Foreign("a video", "import it as a video")
_HTML: Final = Foreign("a web page", "the download may have needed a log-in")

_MAGIC: Final = (
    (b"PK\x03\x04", _ZIP),
    (b"PK\x05\x06", _ZIP),
    (b"\x93NUMPY", _NUMPY),
    (b"\x80\x02", _PICKLE),
    (b"\x80\x03", _PICKLE),
    (b"\x80\x04", _PICKLE),
    (b"\x80\x05", _PICKLE),
    (b"MATLAB 5.0", _MATLAB),
    (b"PAR1", _PARQUET),
    (b"SQLite format 3", _SQLITE),
    (b"\xff\xd8\xff", _IMAGE),
    (b"\x89PNG", _IMAGE),
)
_TEXT: Final = (
    (re.compile(r"<annotations>|<annotations\s", re.I), _CVAT_XML),
    (re.compile(r"<annotation>|<annotation\s", re.I), _VOC),
    (re.compile(r"^\s*<(!doctype\s+html|html)", re.I), _HTML),
    (re.compile(r"^\s*<"), _XML),
    (re.compile(r"^#?\s*filename,file_size,file_attributes", re.I), _VIA_CSV),
    (re.compile(r"^(scorer|\ufeff?scorer),|^bodyparts,", re.I | re.M), _DLC),
    (re.compile(r"^(kpt_shape|flip_idx)\s*:", re.M), _YOLO_YAML),
    (re.compile(r"^(train|val|path|nc|names)\s*:", re.M), _YOLO_YAML),
    (re.compile(r"^\s*\d+(\s+-?[\d.]+(e-?\d+)?){4,}\s*$", re.M), _YOLO_LABELS),
)


def advice_for_bytes(start: bytes, name: str) -> str | None:
    """Words for a file that is no JSON at all; see :func:`foreign_bytes`."""
    found = foreign_bytes(start, name)
    return None if found is None else str(found)


def foreign_bytes(start: bytes, name: str) -> Foreign | None:
    """What a file that is no JSON is, by its first kilobytes; None for what may be JSON.

    Args:
        start: The first kilobytes.
        name: The file's name; its extension decides where the content leaves it open.
    """
    suffix = name.rpartition(".")[2].casefold()
    if start.startswith(b"\x89HDF"):
        by_suffix = {"slp": _SLEAP_H5, "h5": _DLC_H5}
        return by_suffix.get(suffix, _SLEAP_OR_DLC)
    for magic, foreign in _MAGIC:
        if start.startswith(magic):
            return foreign
    if start[4:8] == b"ftyp" or start.startswith((b"\x1aE\xdf\xa3", b"RIFF")):
        return _VIDEO
    text = start.decode("utf-8-sig", "replace")
    if text.lstrip()[:1] in ("{", "["):
        return None
    return next((foreign for pattern, foreign in _TEXT if pattern.search(text)), None)


def advice_for_json(members: Mapping[str, Any]) -> str | None:
    """Words for JSON that is not COCO keypoints; see :func:`foreign_json`."""
    found = foreign_json(members)
    return None if found is None else str(found)


def foreign_json(members: Mapping[str, Any]) -> Foreign | None:
    """What JSON that is not COCO keypoints is; None where the tool is not known.

    Args:
        members: The document's members; of an array its first element. A document that is an array
            has one member, "".
    """
    if "" in members:
        first = members[""]
        tests = _LISTS
        known = _dict(first)
    else:
        tests = _OBJECTS
        known = dict(members)
    return next((foreign for test, foreign in tests if test(known)), None)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _has(*names: str) -> Callable[[dict[str, Any]], bool]:
    return lambda members: all(name in members for name in names)


def _first(member: str, *names: str) -> Callable[[dict[str, Any]], bool]:
    return lambda members: all(name in _dict(members.get(member)) for name in names)


def _via_images(members: dict[str, Any]) -> bool:
    return any("regions" in _dict(value) and "filename" in value for value in members.values())


def _labelled_images(members: dict[str, Any]) -> bool:
    return any("people" in _dict(value) and "version" in value for value in members.values())


def _boxes_only(members: dict[str, Any]) -> bool:
    first = _dict(members.get("annotations"))
    boxes = "bbox" in first or "segmentation" in first
    return "images" in members and boxes and "keypoints" not in first


Test = Callable[[dict[str, Any]], bool]

_LISTS: Final[tuple[tuple[Test, Foreign], ...]] = (
    (_has("data", "annotations"), _LABEL_STUDIO),
    (_has("data", "predictions"), _LABEL_STUDIO),
    (_has("annotation_id", "annotator"), _LABEL_STUDIO),
    (_has("img", "kp-1"), _LABEL_STUDIO),
    (_has("lead_time"), _LABEL_STUDIO),
    (_has("shapes", "tracks"), _CVAT_JSON),
    (_has("keypoints", "keypoint_scores"), _MMPOSE),
    (_has("instances", "frame_id"), _MMPOSE),
    (_has("pred_instances"), _MMPOSE),
    (_has("image_id", "keypoints", "idx"), _ALPHAPOSE),
    (_has("data_row"), _LABELBOX),
    (_has("Labeled Data"), _LABELBOX),
)

_OBJECTS: Final[tuple[tuple[Test, Foreign], ...]] = (
    (_first("annotations", "segments_info"), _PANOPTIC),
    (_first("annotations", "caption"), _CAPTIONS),
    (_has("items", "categories"), _DATUMARO),
    (_has("nodes", "skeletons"), _SLEAP),
    (_has("skeletons", "labels"), _SLEAP),
    (_has("videos", "skeletons"), _SLEAP),
    (_has("_via_settings"), _VIA),
    (_has("_via_img_metadata"), _VIA),
    (_via_images, _VIA),
    (_has("shapes", "imagePath"), _LABELME),
    (_has("shapes", "tracks"), _CVAT_JSON),
    (_first("people", "pose_keypoints_2d"), _OPENPOSE),
    (_has("people", "version"), _OPENPOSE),
    (_labelled_images, _ALPHAPOSE),
    (_has("meta_info", "instance_info"), _MMPOSE),
    (_has("instance_info"), _MMPOSE),
    (_has("objects", "size"), _SUPERVISELY),
    (_has("item", "annotations"), _DARWIN),
    (_has("dataset", "image", "annotations"), _DARWIN),
    (_has("data", "annotations"), _LABEL_STUDIO),
    (_has("data_row"), _LABELBOX),
    (_has("features", "type"), _GEOJSON),
    (_boxes_only, _INSTANCES),
)
