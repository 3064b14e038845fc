"""The pictures that RTMO learns from: folders of renders, cut around the infant or whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch

from backend.domain.pixels import MMPOSE_JOINTS, to_outside
from worker.adapters.openmmlab import registry

registry()

from mmcv.transforms import BaseTransform  # noqa: E402
from mmengine.dataset import BaseDataset  # noqa: E402
from mmpose.datasets import CocoDataset, CombinedDataset  # noqa: E402
from mmpose.registry import DATA_SAMPLERS, DATASETS, TRANSFORMS  # noqa: E402

META = "configs/_base_/datasets/coco.py"
GREY = 114
MIN_LENGTH, MAX_LENGTH = 0.26, 0.48
"""Length of the infant's box in a crop, as shares of the side of a whole picture's input. Cutting
leaves nine in ten of the infants of ``infantnet synthesise`` at about the size that they have
whole, and most of the background out."""
TURN = 30.0
"""Greatest angle that crops are turned by, degrees."""
MARGIN = 0.12
"""Flesh and cloth reach beyond the joints by so much of the box's longer side."""


@DATASETS.register_module()
class RenderedInfants(CocoDataset):  # type: ignore[misc]
    """One folder of renders. Joints become indices of pixels, as in COCO."""

    def parse_data_info(self, raw_data_info: dict[str, Any]) -> dict[str, Any] | None:
        """See mmpose; the masks are left out, because nothing here uses them."""
        raw_data_info["raw_ann_info"].pop("segmentation", None)
        info: dict[str, Any] | None = super().parse_data_info(raw_data_info)
        if info is not None:
            # Renders are written in continuous coordinates.
            joints = to_outside(info["keypoints"], MMPOSE_JOINTS)
            info["keypoints"] = joints.astype(np.float32)
            info["raw_ann_info"] = None
        return info

    def get_data_info(self, idx: int) -> dict[str, Any]:
        """See mmpose, which copies its facts about COCO for each picture."""
        info: dict[str, Any] = BaseDataset.get_data_info(self, idx)
        return info | {key: self._metainfo[key] for key in _FACTS}


_FACTS = (
    "dataset_name",
    "upper_body_ids",
    "lower_body_ids",
    "flip_pairs",
    "flip_indices",
    "dataset_keypoint_weights",
    "skeleton_links",
)


@TRANSFORMS.register_module()
class CropAroundInfant(BaseTransform):  # type: ignore[misc]
    """Turn, scale and cut a picture around the one infant in it.

    side: of the square crop, px. length: least and greatest length of the longer side of the
    infant's box in it, px.
    """

    def __init__(self, side: int, length: tuple[float, float]) -> None:
        self.side, self.length = side, length

    def transform(self, results: dict[str, Any]) -> dict[str, Any]:
        """See mmcv. Takes img, bbox (1, 4), keypoints (1, 17, 2), keypoints_visible and area."""
        x0, y0, x1, y1 = results["bbox"][0]
        longer = max(x1 - x0, y1 - y0)
        scale = np.random.uniform(*self.length) / longer
        angle = np.deg2rad(np.random.uniform(-TURN, TURN))
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        turn = np.array([[cos, -sin], [sin, cos]])
        middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        half = np.abs(turn) @ np.array([x1 - x0, y1 - y0]) / 2
        # At most a tenth of the box is cut off at any border.
        free = np.maximum(self.side / 2 - 0.8 * half, 0)
        warp = np.column_stack(
            [turn, self.side / 2 + np.random.uniform(-free, free) - turn @ middle]
        )
        size = (self.side, self.side)
        results["img"] = cv2.warpAffine(
            results["img"], warp, size, flags=cv2.INTER_LINEAR, borderValue=(GREY,) * 3
        )
        joints = cv2.transform(results["keypoints"], warp)
        shown = results["keypoints_visible"].copy()
        corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]) @ turn.T + warp[:, 2]
        low, high = corners.min(axis=0), corners.max(axis=0)
        known = shown[0] > 0
        if known.sum() >= 8:
            # The rectangle around a turned rectangle is too large.
            reach = MARGIN * scale * longer
            low = np.maximum(low, joints[0][known].min(axis=0) - reach)
            high = np.minimum(high, joints[0][known].max(axis=0) + reach)
        shown[((joints < 0) | (joints > self.side - 1)).any(axis=-1)] = 0
        box = np.clip(np.concatenate([low, high]), 0, self.side).astype(np.float32)
        return results | {
            "keypoints": joints,
            "keypoints_visible": shown,
            "bbox": box[None],
            "area": results["area"] * scale**2,
            "input_size": size,
            "img_shape": size,
            "warp_mat": warp,
        }


@DATA_SAMPLERS.register_module()
class Draws(torch.utils.data.Sampler[int]):
    """A set number of pictures a round, drawn without repetition as far as there are enough."""

    def __init__(self, dataset: Any, count: int, seed: int = 0) -> None:
        self.dataset, self.count, self.seed, self.round = dataset, count, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Draw other pictures in each round."""
        self.round = epoch

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed * 100_003 + self.round)
        left = self.count
        while left > 0:
            order = torch.randperm(len(self.dataset), generator=generator)[:left].tolist()
            yield from order
            left -= len(order)

    def __len__(self) -> int:
        return self.count


def folders(renders: Path) -> list[Path]:
    """Folders of renders in a folder, sorted."""
    return sorted(path.parent for path in renders.glob("*/annotations.json"))


def pipeline(side: int, crop: int | None) -> list[dict[str, Any]]:
    """mmpose's description of what is done to a picture; arguments as for :func:`dataset`."""
    if crop is None:
        size = (side, side)
        place: dict[str, Any] = {
            "type": "BottomupRandomAffine",
            "input_size": size,
            "pad_val": GREY,
            "distribution": "uniform",
            "transform_mode": "affine",
            "bbox_keep_corner": False,
            "clip_border": True,
            "scale_type": "long",
            "shift_factor": 0.06,
            "rotate_factor": 8,
            "scale_factor": (0.75, 1.1),
        }
    else:
        size = (crop, crop)
        length = (MIN_LENGTH * side, min(MAX_LENGTH * side, 0.95 * crop))
        place = {"type": "CropAroundInfant", "side": crop, "length": length}
    return [
        {"type": "LoadImage"},
        # First, because after resizing mmpose takes the input's height for its width.
        {"type": "RandomFlip"},
        place,
        {"type": "YOLOXHSVRandomAug"},
        {"type": "FilterAnnotations", "by_kpt": True, "by_box": True, "keep_empty": False},
        {
            "type": "GenerateTarget",
            "encoder": {"type": "YOLOXPoseAnnotationProcessor", "input_size": size},
        },
        {"type": "PackPoseInputs"},
    ]


def dataset(renders: Path, side: int, crop: int | None) -> dict[str, Any]:
    """mmpose's description of the training pictures.

    side: of the network's input for whole pictures, px. crop: side of crops in which infants
    have the size that they have in whole pictures, px; None: whole pictures, letterboxed.
    """
    return {
        "type": CombinedDataset,
        "metainfo": {"from_file": META},
        "datasets": [
            {
                "type": RenderedInfants,
                "data_root": str(folder),
                "data_mode": "bottomup",
                "ann_file": "annotations.json",
                "data_prefix": {"img": ""},
                "pipeline": [],
            }
            for folder in folders(renders)
        ],
        "pipeline": pipeline(side, crop),
    }
