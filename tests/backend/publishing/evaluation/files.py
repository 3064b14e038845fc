"""Small files of ground truth and predictions."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from backend.domain.skeleton import JOINTS

KEYPOINTS = [float(value) for j in range(17) for value in (10 * j, 20 * j, 2)]


def truth(**changes: Any) -> dict[str, Any]:
    """Two images, an infant in each."""
    images = [
        {
            "id": number,
            "file_name": f"visit/{number}.jpg",
            "infantnet": {"infant": f"B{number}", "age_months": 7, "camera": "c1"},
        }
        for number in (7, 3)
    ]
    return {
        "info": {},
        "images": images,
        "annotations": [person(1, 7), person(2, 3)],
        "categories": [{"id": 1, "name": "person", "keypoints": list(JOINTS)}],
        **changes,
    }


def person(number: int, image: int, **changes: Any) -> dict[str, Any]:
    """An infant with all joints."""
    return {
        "id": number,
        "image_id": image,
        "category_id": 1,
        "keypoints": list(KEYPOINTS),
        "num_keypoints": 17,
        "area": 5000.0,
        "bbox": [0.0, 0.0, 160.0, 320.0],
        "iscrowd": 0,
        **changes,
    }


def result(image: int | str, **changes: Any) -> dict[str, Any]:
    """A prediction, exactly right."""
    found = {"image_id": image, "category_id": 1, "keypoints": list(KEYPOINTS), "score": 0.5}
    found |= changes
    return {name: value for name, value in found.items() if value is not ...}


def write(folder: Path, name: str, value: Any) -> Path:
    """Write JSON, packed if the name says so; text as it is."""
    path = folder / name
    text = value if isinstance(value, str) else json.dumps(value)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path
