"""COCO files made on the spot."""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.domain.skeleton import JOINTS

SMALL: dict[str, Any] = {
    "info": {"description": "small"},
    "licenses": [{"id": 1, "name": "none", "url": ""}],
    "images": [
        {"id": 7, "file_name": "a.jpg", "width": 640, "height": 480},
        {"id": 9, "file_name": "b.jpg", "width": 640, "height": 480},
    ],
    "annotations": [
        {
            "id": 1,
            "image_id": 7,
            "category_id": 1,
            "keypoints": [float(i // 3 + 10) if i % 3 < 2 else 2 for i in range(51)],
            "num_keypoints": 17,
            "bbox": [10, 10, 100, 50],
            "area": 2500,
            "iscrowd": 0,
            "segmentation": [[10, 10, 110, 10, 110, 60]],
        }
    ],
    "categories": [{"id": 1, "name": "person", "keypoints": list(JOINTS), "skeleton": [[1, 2]]}],
}

Edit = Callable[[dict[str, Any]], object]


@pytest.fixture
def coco_file(tmp_path: Path) -> Callable[..., Path]:
    """Write the small dataset after an edit."""

    def make(edit: Edit | None = None, *, name: str = "poses.json") -> Path:
        data = copy.deepcopy(SMALL)
        if edit is not None:
            edit(data)
        path = tmp_path / name
        path.write_text(json.dumps(data))
        return path

    return make


@pytest.fixture
def shared_data() -> Path:
    default = Path(__file__).parents[4].parent / "shared" / "data"
    folder = Path(os.environ.get("INFANTNET_SHARED_DATA", default))
    if not folder.is_dir():
        pytest.skip(f"real annotations are not on this machine (looked in {folder})")
    return folder
