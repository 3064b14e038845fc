"""``infantnet tools predict``: a trained model asked about a labelled split, or any images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from backend.cli.output import say
from backend.cli.stop import Exit, Stop
from backend.domain.estimates import PoseEstimate
from backend.domain.pixels import COCO_JOINTS
from worker.training.keeping import load_json
from worker.training.loop import RUN
from worker.training.predicting import Boxes, images_in, predictions, predictions_in
from worker.training.reading import read_parts
from worker.training.recipe import Recipe, Settings
from worker.training.recipes import recipe_named

_SPLIT = "test"
_SHOWN = 3
"""So many of the files that are no images are named."""


def predict(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.")],
    data: Annotated[
        Path,
        typer.Argument(help="A release's folder, renders, a COCO set; a folder of images, or one."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="COCO results to write (.json).")],
    split: Annotated[
        str | None, typer.Option("--split", help="train, validation or test (the default).")
    ] = None,
    boxes: Annotated[
        Boxes | None,
        typer.Option(
            "--boxes",
            help="Images without labels, for a model that takes boxes: those of people whom "
            "BlazePose finds (the default), or the whole image.",
        ),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda …")] = "auto",
) -> None:
    """Say the joints of a labelled split, to be measured, or of images that nobody labelled.

    \b
    Of images without labels each result holds the image's file_name, and image_id is its place in
    the order of names of those that can be read. Images are taken upright.

    \b
    Examples:
      infantnet tools predict runs/lite datasets/crawlers-1.0.0 --out results.json
      infantnet tools evaluate datasets/crawlers-1.0.0/annotations/test.json results.json
      infantnet tools predict runs/lite photos --out results.json
    """
    recipe, settings = _learnt(run)
    if not out.parent.is_dir():
        raise Stop(f"{out.parent} is not a folder: nothing can be written there.", Exit.USAGE)
    if images := images_in(data):
        if split is not None:
            raise Stop(f"{data} holds images without labels: it has no splits.", Exit.USAGE)
        results, count = _of_images(_model(recipe, run, settings, device), data, images, boxes)
    else:
        if boxes is not None:
            raise Stop(f"{data} is labelled: models are given its boxes.", Exit.USAGE)
        part = read_parts(data).parts.get(split or _SPLIT, ())
        if not part:
            raise Stop(f"{data} has no split called {split or _SPLIT}.", Exit.USAGE)
        found = predictions(_model(recipe, run, settings, device), part)
        results = [r for number, people in found for r in _results(number, people)]
        count = len({sample.image for sample in part})
    out.write_bytes(orjson.dumps(results))
    say(f"{out}: {len(results):,} people in {count:,} images.")


def _learnt(run: Path) -> tuple[Recipe, Settings]:
    """What a run was made by."""
    file = run / RUN
    if not (run / "best.pth").is_file() or not file.is_file():
        raise Stop(f"{run} holds no trained model.", Exit.USAGE)
    held = load_json(file)
    if not {"recipe", "settings"} <= held.keys():
        raise Stop(f"{file} tells of no run.", Exit.USAGE)
    recipe = recipe_named(held["recipe"])
    if recipe.predictor is None:
        raise Stop(f"{recipe.name} says no joints of images.", Exit.USAGE)
    return recipe, Settings.of_json(held["settings"])


def _model(recipe: Recipe, run: Path, settings: Settings, device: str) -> Any:
    from worker.runtime import choose_device

    assert recipe.predictor is not None
    return recipe.predictor(run / "best.pth", settings, choose_device(device))  # type: ignore[arg-type]


def _of_images(
    model: Any, data: Path, images: Sequence[Path], boxes: Boxes | None
) -> tuple[list[dict[str, Any]], int]:
    """Results of images without labels, and how many images were read."""
    takes_boxes = not hasattr(model, "estimate_stream")
    if boxes is not None and not takes_boxes:
        raise Stop("This model finds people by itself and takes no boxes.", Exit.USAGE)
    broken: list[Path] = []
    results: list[dict[str, Any]] = []
    for number, (file, people) in enumerate(
        predictions_in(model, images, boxes or Boxes.PEOPLE, broken), start=1
    ):
        name = file.name if data.is_file() else file.relative_to(data).as_posix()
        results += [r | {"file_name": name} for r in _results(number, people)]
    if len(broken) == len(images):
        raise Stop(f"None of the {len(images):,} images of {data} can be read.")
    if broken:
        names = ", ".join(file.name for file in broken[:_SHOWN])
        more = f" and {len(broken) - _SHOWN:,} more" if len(broken) > _SHOWN else ""
        say(f"{len(broken):,} of {len(images):,} images cannot be read: {names}{more}.")
    return results, len(images) - len(broken)


def _results(number: int, people: Sequence[PoseEstimate]) -> Iterator[dict[str, Any]]:
    for person in people:
        joints = person.keypoints - COCO_JOINTS.shift
        flat = [
            v for (x, y), s in zip(joints.tolist(), person.scores.tolist(), strict=True)
            for v in (round(x, 2), round(y, 2), round(s, 4))
        ]  # fmt: skip
        yield {"image_id": number, "category_id": 1, "keypoints": flat, "score": person.score}
