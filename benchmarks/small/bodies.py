"""Bodies from one image, in small: InfantNet's Table 4 on renders of other infants.

Learnt from renders of seed 101, chosen by some of 202, measured on 303. The image networks are
narrower and see fewer pixels than in the recipes' ``small`` settings (``CHANGES``), such that a run
takes minutes of one core. Where ``--adult`` names
an adult's body, each is trained with that one, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.small.common import Lab
from worker.synthesis.dataset import Order
from worker.training.recipe import Scale
from worker.training.table4 import Bench, Row, as_markdown, run

SIZE: Final = (224, 168)
SPLITS: Final = {"train": ((101, 512),), "val": ((202, 96),), "test": ((303, 160),)}
"""Seeds and numbers of renders."""
NETWORKS: Final = ("hmr", "pare", "hmr2")
CHANGES: Final[dict[str, dict[str, Any]]] = {
    "hmr": {"size": [96, 96], "stem": 24},
    "pare": {"size": [96, 96], "stem": 24},
    "hmr2": {"size": [96, 96]},
}


def bodies(lab: Lab, adult: Path | None = None, networks: Sequence[str] = NETWORKS) -> None:
    """Every network beside the mean body and the fit to the true joints of the view."""
    rows: list[Row] = []
    for network in networks:
        bench = Bench(
            data=renders(lab),
            folder=lab.folder / "table4" / network,
            scale=Scale.SMALL,
            seeds=tuple(lab.seeds),
            networks=(network,),
            adult=adult,
            with_fit=not rows,
            changes=CHANGES[network],
            device="cpu",
        )
        found = run(bench, done=lambda row: print(_told(row), flush=True))
        rows += [row for row in found if row.name not in {other.name for other in rows}]
    print("\n" + as_markdown(rows))
    print(f"bodies: {lab.spent()}")


def _told(row: Row) -> str:
    return as_markdown([row]).splitlines()[-1]


def renders(lab: Lab) -> Path:
    """One COCO set of all splits; images stay where they were rendered."""
    folder = lab.folder / "renders"
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    for split, parts in SPLITS.items():
        whole: dict[str, Any] = {}
        for seed, count in parts:
            name = f"bodies-{seed}"
            lab.renders(name, Order(count, seed, SIZE))
            coco = orjson.loads((folder / name / "annotations.json").read_bytes())
            above = len(whole.get("images", ()))
            for image in coco["images"]:
                image["id"] += above
                image["file_name"] = f"{name}/{image['file_name']}"
            for annotation in coco["annotations"]:
                annotation["image_id"] += above
                annotation["id"] += above
            if whole:
                whole["images"] += coco["images"]
                whole["annotations"] += coco["annotations"]
            else:
                whole = coco
        (folder / "annotations" / f"{split}.json").write_bytes(orjson.dumps(whole))
    return folder
