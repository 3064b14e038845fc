"""A tiny set of pictures and a tiny recipe, to follow the real loop within seconds.

    python -m tests.worker.training.tiny SET RUN EPOCHS

trains in a process of its own, which tests may kill.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import orjson
import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from torch import Tensor, nn
from torch.utils.data import Dataset

from backend.domain.skeleton import JOINTS
from worker.training import usual
from worker.training.loop import fit
from worker.training.material import Material, Need, Sample
from worker.training.reading import read
from worker.training.recipe import (
    Assembly,
    Listener,
    Recipe,
    Scale,
    Settings,
    Source,
    Task,
)

SIDE = 32


def write_set(folder: Path, infants: int = 4, each: int = 8, **changes: Any) -> Path:
    """A COCO set in which a bright spot is where all joints are."""
    rng = np.random.default_rng(0)
    images, annotations = [], []
    (folder / "images").mkdir(parents=True)
    for number in range(1, infants * each + 1):
        image = rng.integers(0, 60, (SIDE, SIDE, 3), np.uint8)
        x, y = rng.integers(6, SIDE - 6, 2).tolist()
        image[y - 2 : y + 3, x - 2 : x + 3] = 255
        cv2.imwrite(str(folder / "images" / f"{number:03d}.png"), image)
        infant = f"INF-{(number - 1) // each}"
        images.append(
            {
                "id": number,
                "file_name": f"images/{number:03d}.png",
                "width": SIDE,
                "height": SIDE,
                "infantnet": {"infant": infant, "recording": infant, "time_s": number / 10},
            }
        )
        annotations.append(
            {
                "id": number,
                "image_id": number,
                "category_id": 1,
                "iscrowd": 0,
                "keypoints": [x, y, 2] * len(JOINTS),
                "bbox": [x - 3, y - 3, 7, 7],
                "area": 49,
            }
        )
    categories = [{"id": 1, "name": "person", "keypoints": list(JOINTS)}]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations.json").write_bytes(orjson.dumps(coco | changes))
    return folder


class Spots(Dataset[dict[str, Any]]):
    def __init__(self, part: Sequence[Sample], shaken: bool) -> None:
        self.part, self.shaken = part, shaken

    def __len__(self) -> int:
        return len(self.part)

    def __getitem__(self, index: int) -> dict[str, Any]:
        sample = self.part[index]
        image = cv2.imread(str(sample.image)).astype(np.float32) / 255
        if self.shaken:
            image = image + np.random.normal(0, 0.05, image.shape)
        place = torch.tensor(sample.joints[0, :2] / SIDE, dtype=torch.float32)
        return {
            "inputs": torch.tensor(image.transpose(2, 0, 1), dtype=torch.float32),
            "data_samples": place,
        }


class Finder(BaseModel):  # type: ignore[misc]
    def __init__(self, fails_at: int | None = None) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 5, 2, 2), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.2), nn.Flatten()
        )
        self.out = nn.Linear(8 * (SIDE // 2) ** 2, 2)
        self.steps, self.fails_at = 0, fails_at

    def forward(
        self, inputs: Any, data_samples: Any = None, mode: str = "tensor"
    ) -> Mapping[str, Tensor] | list[Any]:
        found = self.out(self.layers(torch.stack(list(inputs))))
        truth = torch.stack(list(data_samples))
        if mode == "loss":
            self.steps += 1
            bad = torch.nan if self.steps == self.fails_at else 1.0
            return {"loss_place": ((found - truth) ** 2).sum(dim=1).mean() * bad}
        return [{"off": float((a - b).norm())} for a, b in zip(found, truth, strict=True)]


class Off(BaseMetric):  # type: ignore[misc]
    def process(self, data_batch: Any, data_samples: Sequence[dict[str, Any]]) -> None:
        self.results += [sample["off"] for sample in data_samples]

    def compute_metrics(self, results: list[float]) -> dict[str, float]:
        return {"off": float(np.mean(results))}


def assemble(
    material: Material, settings: Settings, seed: int, start: Path | None = None
) -> Assembly:
    model = Finder(settings.extra.get("fails_at"))
    train = Spots(material.train, shaken=True)
    return Assembly(
        model=model,
        train=train,
        validation=Spots(material.validation, shaken=False),
        test=Spots(material.test, shaken=False) if material.test else None,
        metrics=lambda: [Off()],
        key="off",
        larger=False,
        optimiser=usual.optimiser(settings),
        schedules=usual.schedules(settings, -(-len(train) // settings.batch)),
        begins_trained=True,
        pictures=lambda _: [np.zeros((8, 8, 3), np.uint8)],
    )


SETTINGS = Settings(
    epochs=4, batch=8, rate=0.003, size=(SIDE, SIDE), warm_up=2, cosine=True,
    extra={"fails_at": None},
)  # fmt: skip

TINY = Recipe(
    name="tiny",
    title="Tiny",
    task=Task.KEYPOINTS_IN_IMAGES,
    source=Source("nobody's"),
    licence="CC0-1.0",
    needs=frozenset({Need.JOINTS}),
    settings={Scale.SMALL: SETTINGS},
    assemble=assemble,
)


class Slow(Listener):
    """Waits a little at each step, so that somebody can kill the process in between."""

    def progress(self, done: int, total: int, words: str) -> None:
        print(words, done, flush=True)
        time.sleep(0.1)


if __name__ == "__main__":
    torch.set_num_threads(1)
    fit(
        TINY,
        read(Path(sys.argv[1])),
        SETTINGS.changed(epochs=int(sys.argv[3])),
        Path(sys.argv[2]),
        device="cpu",
        listener=Slow(),
    )
