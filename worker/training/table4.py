"""InfantNet's Table 4 on a lab's own data: body regressors, each with an infant's and an adult's
body, beside the mean pose and a fit to the true joints of the single view.

Every run has a folder of its own, in which whatever is done stays done. What a row lacks is said in
the row; the others are measured all the same.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.domain.errors import Cancelled, DomainError, InvalidInput
from worker.training.bodies.models_in_use import network_body, truth_bodies
from worker.training.bodies.samples import BodySamples
from worker.training.bodies.scoring import mean_of, score_fits, score_mean
from worker.training.keeping import write_json
from worker.training.loop import fit
from worker.training.material import Material
from worker.training.reading import read
from worker.training.recipe import Listener, Scale
from worker.training.recipes.table4 import NETWORKS, RECIPES

MEASURES: Final = ("PA-MPJPE", "MPJPE", "MPJPE_unaligned", "PVE", "PVE_unaligned")
MEAN_POSE: Final = "mean pose"
SINGLE_FIT: Final = "fit to the true joints of the view"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        name: Of the recipe or of the plain answer.
        body: The body model's name.
        scores: By measure, millimetres on the test split: of each seed, or of the one answer.
        why: What the row lacks, in words; "" for nothing.
    """

    name: str
    body: str
    scores: Sequence[Mapping[str, float]] = ()
    why: str = ""

    def told(self, measure: str) -> str:
        """A measure's mean, with its standard deviation over seeds."""
        values = [one[measure] for one in self.scores if measure in one]
        if not values:
            return "–"
        spread = f" ± {np.std(values, ddof=1):.1f}" if len(values) > 1 else ""
        return f"{np.mean(values):.1f}{spread}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What is measured, and how.

    Attributes:
        data: A release's folder, or another set with body fits and a test split.
        folder: Where results go.
        scale: Settings of the training.
        seeds: One run of each network for each.
        networks: Which; by the recipes' names without ``-adult``.
        adult: File of an adult's body; None leaves those rows out and says so.
        truth: File of the body model of the fits where it is not the open infant body.
        with_fit: Whether single views are fitted, which takes about a second each.
        changes: Settings that differ.
        device: As :func:`worker.training.loop.fit` takes it.
        listener: Who hears of it.
    """

    data: Path
    folder: Path
    scale: Scale = Scale.PAPER
    seeds: Sequence[int] = (0,)
    networks: Sequence[str] = NETWORKS
    adult: Path | None = None
    truth: Path | None = None
    with_fit: bool = True
    changes: Mapping[str, Any] = field(default_factory=dict)
    device: str = "auto"
    listener: Listener = field(default_factory=Listener)


def run(bench: Bench, done: Callable[[Row], None] = lambda _row: None) -> list[Row]:
    """Fill the table, row by row.

    Args:
        bench: What and how.
        done: Called with each row as it is finished.

    Raises:
        InvalidInput: the data cannot be read, or has no test split with body fits.
        Cancelled: the listener asked for it.
    """
    material = read(bench.data)
    if not any(sample.body is not None for sample in material.test):
        raise InvalidInput(
            f"{material.name} has no test split with body fits. The table is measured on images"
            " that nothing was learnt from and nothing chosen by.",
            fault="no test split",
        )
    rows = _plain_rows(bench, material)
    for row in rows:
        done(row)
    for network in bench.networks:
        for adult in (False, True):
            row = _trained(bench, material, network, adult=adult)
            rows.append(row)
            done(row)
    bench.folder.mkdir(parents=True, exist_ok=True)
    write_json(
        {
            "data": material.name,
            "sha256": material.sha256,
            "scale": bench.scale.value,
            "seeds": list(bench.seeds),
            "rows": [asdict(row) for row in rows],
        },
        bench.folder / "table4.json",
    )
    (bench.folder / "table4.md").write_text(as_markdown(rows), encoding="utf-8")
    return rows


def _plain_rows(bench: Bench, material: Material) -> list[Row]:
    bodies = truth_bodies(material, str(bench.truth or ""))
    body = network_body("" if len(bodies) == 1 else str(bench.truth or ""), bodies)

    def samples(part: Any) -> BodySamples:
        return BodySamples(part, bodies, model=body.name, betas=body.betas, side=256, changed=False)

    test = samples([sample for sample in material.test if sample.box[2] > 0])
    train = samples([sample for sample in material.train if sample.box[2] > 0])
    rows = [Row(MEAN_POSE, body.name, [score_mean(test, mean_of(train, body), body)])]
    if bench.with_fit:
        kept = bench.folder / "fit.json"
        key = {"sha256": material.sha256, "body": body.sha256}
        held = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
        if held.get("key") != key:
            scores, failed = score_fits(test, body)
            held = {"key": key, "scores": scores, "failed": failed}
            bench.folder.mkdir(parents=True, exist_ok=True)
            write_json(held, kept)
        why = f"{held['failed']} of {len(test)} could not be fitted." if held["failed"] else ""
        rows.append(Row(SINGLE_FIT, body.name, [held["scores"]] if held["scores"] else [], why))
    return rows


def _trained(bench: Bench, material: Material, network: str, *, adult: bool) -> Row:
    name = f"{network}-adult" if adult else network
    recipe = {recipe.name: recipe for recipe in RECIPES}[name]
    changes = dict(bench.changes)
    if bench.truth is not None:
        changes["truth"] = str(bench.truth)
    if adult and bench.adult is not None:
        changes["body"] = str(bench.adult)
    row = Row(name, "adult" if adult else "infant")
    scores = []
    try:
        for seed in bench.seeds:
            outcome = fit(
                recipe, material, recipe.settings[bench.scale].changed(**changes),
                bench.folder / f"{name}-{seed}", seed=seed, device=bench.device,
                listener=bench.listener,
            )  # fmt: skip
            assert outcome.test is not None
            scores.append(dict(outcome.test))
    except Cancelled:
        raise
    except DomainError as error:
        return Row(row.name, row.body, scores, error.message)
    return Row(row.name, row.body, scores)


def as_markdown(rows: Sequence[Row]) -> str:
    """The table, millimetres."""
    head = ["", "body", *MEASURES, ""]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        told = [row.told(measure) for measure in MEASURES]
        lines.append("| " + " | ".join([row.name, row.body, *told, row.why]) + " |")
    return "\n".join(lines) + "\n"
