"""InfantNet's Table 3 on a lab's own data: each network as published and fine-tuned, side by side.

Every row has a folder of its own, in which whatever is done stays done: a bench that was stopped
goes on where it stopped. What a row lacks is said in the row; the others are measured all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import torch

from backend.domain.errors import Cancelled, DomainError, InvalidInput, WeightsMissing
from backend.domain.estimates import PoseEstimate
from backend.domain.evaluation import baseline
from backend.domain.evaluation.evaluate import Options, evaluate
from backend.domain.evaluation.intervals import clusters_of
from backend.domain.pixels import COCO_JOINTS
from backend.models.checkpoints.files import sha256_of
from backend.models.checkpoints.registry import KNOWN
from backend.models.checkpoints.top_down import TOP_DOWN, TopDown
from backend.publishing.evaluation.predictions_file import read_predictions
from backend.publishing.evaluation.truth_file import TruthFile, read_truth
from worker.training.keeping import write_json
from worker.training.loop import fit
from worker.training.material import TEST, Material, Sample
from worker.training.predicting import predictions
from worker.training.reading import annotation_files, read, side_of
from worker.training.recipe import Listener, Recipe, Scale
from worker.training.recipes.table3 import RECIPES

MEASURES: Final = ("AP", "AP.5", "AP.75", "AR")
"""Of the table, as the product's evaluation names them."""
ZERO_SHOT, FINE_TUNED = "zero-shot", "fine-tuned"

Scores = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        name: Of the recipe.
        network: As the table calls it.
        size: Of the input, height first.
        zero_shot, fine_tuned: Scores on the test split; None where there are none.
        epoch: Of the best checkpoint.
        why: What the row lacks, in words; "" for nothing.
    """

    name: str
    network: str
    size: str
    zero_shot: Scores | None = None
    fine_tuned: Scores | None = None
    epoch: int | None = None
    why: str = ""

    @property
    def gain(self) -> float | None:
        """In AP, by fine-tuning."""
        if self.zero_shot is None or self.fine_tuned is None:
            return None
        return self.fine_tuned["AP"] - self.zero_shot["AP"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What is measured, and how.

    Attributes:
        data: A release's folder, or another set with a test split.
        weights: Folder of published checkpoints.
        folder: Where results go.
        scale: Settings of the fine-tuning.
        changes: Settings that differ.
        seed: Of all chance.
        device: As :func:`worker.training.loop.fit` takes it.
        fine_tune: Whether networks are trained, or only measured as published.
        listener: Who hears of it.
        rows: Which; all by default.
    """

    data: Path
    weights: Path
    folder: Path
    scale: Scale = Scale.PAPER
    changes: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    device: str = "auto"
    fine_tune: bool = True
    listener: Listener = field(default_factory=Listener)
    rows: Sequence[str] = tuple(row.name for row in TOP_DOWN)


def run(bench: Bench, done: Callable[[Row], None] = lambda _row: None) -> list[Row]:
    """Fill the table, row by row.

    Args:
        bench: What and how.
        done: Called with each row as it is finished.

    Raises:
        InvalidInput: the data cannot be read, or has no test split.
        Cancelled: the listener asked for it.
    """
    material = read(bench.data, seed=bench.seed)
    files = [file for file in annotation_files(bench.data) if side_of(file.stem) == TEST]
    if len(files) != 1 or not material.test:
        raise InvalidInput(
            f"{material.name} has no test split. The table is measured on images that nothing was"
            " learnt from and nothing chosen by.",
            fault="no test split",
        )
    truth = read_truth(files[0])
    recipes = {recipe.name: recipe for recipe in RECIPES}
    rows = []
    for network in TOP_DOWN:
        if network.name in bench.rows:
            row = _Filling(bench, material, truth, network, recipes[network.name]).filled()
            rows.append(row)
            done(row)
    bench.folder.mkdir(parents=True, exist_ok=True)
    told = {
        "data": material.name,
        "sha256": material.sha256,
        "scale": bench.scale.value,
        "rows": [asdict(row) | {"gain": row.gain} for row in rows],
        "mean_gain": mean_gain(rows),
        MEAN_POSE: mean_pose(truth),
    }
    write_json(told, bench.folder / "table3.json")
    (bench.folder / "table3.md").write_text(as_markdown(rows, truth), encoding="utf-8")
    return rows


class _Filling:
    """One row on its way."""

    def __init__(
        self, bench: Bench, material: Material, truth: TruthFile, network: TopDown, recipe: Recipe
    ) -> None:
        self.bench, self.material, self.truth = bench, material, truth
        self.network, self.recipe = network, recipe
        self.settings = recipe.settings[bench.scale].changed(**bench.changes)
        self.folder = bench.folder / network.name

    def filled(self) -> Row:
        row = Row(self.network.name, self.network.title, self.network.size)
        width, height = self.settings.size or self.network.used.size
        if (width, height) != self.network.used.size:
            row = replace(row, size=f"{height}×{width}")
        try:
            start = published_file(self.network, self.bench.weights)
            if not sha256_of(start).startswith(self.network.weights().sha256):
                row = replace(row, why=f"{start.name} is not the file that was published.")
            row = replace(row, zero_shot=self._measured(ZERO_SHOT, start))
            if self.bench.fine_tune:
                # Without the test split: it is measured here, once, with the best checkpoint.
                parts = {k: part for k, part in self.material.parts.items() if k != TEST}
                outcome = fit(
                    self.recipe, replace(self.material, parts=parts), self.settings,
                    self.folder / "run", seed=self.bench.seed, device=self.bench.device,
                    listener=self.bench.listener, start=start,
                )  # fmt: skip
                tuned = self._measured(FINE_TUNED, outcome.best)
                row = replace(row, fine_tuned=tuned, epoch=outcome.epoch)
        except Cancelled:
            raise
        except DomainError as error:
            row = replace(row, why=f"{row.why} {error.message}".strip())
        return row

    def _measured(self, called: str, checkpoint: Path) -> Scores:
        """Scores on the test split, of which the predictions lie beside as COCO results."""
        order = {
            "material": self.material.sha256,
            "checkpoint": sha256_of(checkpoint),
            "size": list(self.settings.size or ()),
        }
        kept = self.folder / f"{called}.scores.json"
        if kept.is_file():
            held = json.loads(kept.read_text(encoding="utf-8"))
            if held["order"] == order:
                scores: Scores = held["scores"]
                return scores
        results = self.folder / f"{called}.json"
        self.folder.mkdir(parents=True, exist_ok=True)
        results.write_bytes(orjson.dumps(list(self._results(checkpoint))))
        found = evaluate(
            self.truth.truths, read_predictions(results, self.truth).predictions, _OPTIONS
        )
        scores = {name: found.measures[name].value or 0.0 for name in MEASURES}
        write_json({"order": order, "scores": scores}, kept)
        return scores

    def _results(self, checkpoint: Path) -> Iterator[dict[str, Any]]:
        assert self.recipe.predictor is not None
        device = "cuda" if torch.cuda.is_available() else "cpu"
        wanted = torch.device(device if self.bench.device == "auto" else self.bench.device)
        model = self.recipe.predictor(checkpoint, self.settings, wanted)
        part: Sequence[Sample] = self.material.test
        for number, (image, people) in enumerate(predictions(model, part)):
            self.bench.listener.progress(number, len(part), f"Measuring {self.network.name}")
            if self.bench.listener.stop():
                raise Cancelled("Stopped. What is measured is kept.")
            yield from (_result(image, person) for person in people)


_OPTIONS: Final = Options(by=(), resamples=0, worst=0, with_baseline=False)
MEAN_POSE: Final = "mean pose"


def _result(image: int, person: PoseEstimate) -> dict[str, Any]:
    joints = np.asarray(person.keypoints, float) - COCO_JOINTS.shift
    table = np.column_stack([np.round(joints, 2), np.round(person.scores, 4)])
    return {
        "image_id": image,
        "category_id": 1,
        "keypoints": table.ravel().tolist(),
        "score": round(float(person.score), 6),
    }


def published_file(network: TopDown, folder: Path) -> Path:
    """A row's published checkpoint, by the product's name or by its publisher's.

    Raises:
        WeightsMissing: it is not there; the message says how to get it.
        InvalidInput: a file of that name is another one.
    """
    known = network.weights()
    theirs = known.url.rsplit("/", 1)[1]
    for name in (KNOWN[network.name].file_name, theirs):
        if (file := folder / name).is_file():
            return file
    # The folder of a server's checkpoints names each by its hash, too.
    found = sorted(folder.glob(f"{network.name}.[0-9a-f]*.pth"))
    if found:
        return found[-1]
    raise WeightsMissing(
        f"Its published checkpoint is not in {folder}: “infantnet weights pull {network.name}”"
        f" fetches it, or put {theirs} there.",
        name=network.name,
    )


def mean_gain(rows: Sequence[Row]) -> float | None:
    """Mean gain in AP over the rows that have both; None where none has."""
    gains = [row.gain for row in rows if row.gain is not None]
    return sum(gains) / len(gains) if gains else None


def mean_pose(truth: TruthFile) -> Scores:
    """What the mean pose of the other infants in the true box reaches: the floor of the table."""
    clusters = clusters_of(truth.truths.facts)
    predicted = baseline.mean_pose(truth.truths, clusters.of_image)
    found = evaluate(truth.truths, predicted, _OPTIONS)
    return {name: found.measures[name].value or 0.0 for name in MEASURES}


def as_markdown(rows: Sequence[Row], truth: TruthFile) -> str:
    """The table, each measure as a pair: as published, fine-tuned."""
    head = ["network", "input", *MEASURES, "gain in AP", ""]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        pairs = [_pair(row, name) for name in MEASURES]
        gain = "–" if row.gain is None else f"{row.gain:+.3f}"
        lines.append("| " + " | ".join([row.network, row.size, *pairs, gain, row.why]) + " |")
    floor = mean_pose(truth)
    told = [f"{floor[name]:.3f}" for name in MEASURES]
    lines.append("| " + " | ".join(["mean pose in the box", "", *told, "", ""]) + " |")
    mean = mean_gain(rows)
    count = sum(row.gain is not None for row in rows)
    lines.append("")
    lines.append(
        "No row has both." if mean is None else f"Mean gain in AP over {count} rows: {mean:+.3f}."
    )
    return "\n".join(lines) + "\n"


def _pair(row: Row, name: str) -> str:
    parts = [
        "–" if scores is None else f"{scores[name]:.3f}"
        for scores in (row.zero_shot, row.fine_tuned)
    ]
    return " / ".join(parts)
