"""``infantnet tools evaluate``: predictions against ground truth on plain files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from backend.cli.output import facts, progress, say, table
from backend.cli.stop import Exit, Stop
from backend.domain.evaluation import baseline, conventions, mean_body
from backend.domain.evaluation.entries import PredictedKind
from backend.domain.evaluation.evaluate import Options, evaluate
from backend.domain.evaluation.facets import FACETS
from backend.domain.evaluation.intervals import MAX_RESAMPLES, RESAMPLES
from backend.domain.evaluation.other_kinds import (
    BodyEvaluation,
    PostureEvaluation,
    evaluate_bodies,
    evaluate_postures,
)
from backend.domain.evaluation.postures import Confusion
from backend.domain.evaluation.results import Evaluation, Measure
from backend.domain.pixels import PixelRule
from backend.multiview.bodies.model_file import load_body
from backend.publishing.evaluation.body_files import read_bodies
from backend.publishing.evaluation.body_pairs import compare
from backend.publishing.evaluation.kinds import kind_of
from backend.publishing.evaluation.other_splits import others_beside
from backend.publishing.evaluation.posture_file import known_postures, read_postures
from backend.publishing.evaluation.predictions_file import Unknown, read_predictions
from backend.publishing.evaluation.truth_file import read_truth
from worker.calibration.texts import replace_file

_SHOWN_WORST = 10
_PART_COLUMNS = ("similarity", "AP", "AP.5", "AR", "OKS", "PCK_box@0.1", "PCK_torso@0.2", "AJPE")


class Kind(StrEnum):
    """What is predicted."""

    AUTO = "auto"
    JOINTS = "joints"
    BODIES = "bodies"
    POSTURES = "postures"


def evaluate_files(
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="COCO keypoints (.json), or bodies (.npz).")
    ],
    predictions: Annotated[
        Path,
        typer.Argument(
            metavar="PREDICTIONS", help="COCO results (.json), bodies (.npz), or postures (.csv)."
        ),
    ],
    kind: Annotated[Kind, typer.Option("--kind", help="What is predicted.")] = Kind.AUTO,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", help=f"Also by: {', '.join(FACETS)}. More than once, or with commas."),
    ] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write all as JSON; - for stdout.")
    ] = None,
    resamples: Annotated[
        int, typer.Option(min=0, max=MAX_RESAMPLES, help="For intervals over infants; 0 for none.")
    ] = RESAMPLES,
    seed: Annotated[int, typer.Option(min=0, help="Of the resamples.")] = 1,
    worst: Annotated[int, typer.Option(min=0, help="How many of the worst frames to list.")] = 50,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="Leave out predictions of other images.")
    ] = False,
    body: Annotated[
        Path | None,
        typer.Option(help="Model file of bodies given by parameters; by default the open body."),
    ] = None,
    train: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The training split, as TRUTH is: the baseline of postures and bodies is from it.",
        ),
    ] = None,
    pixels: Annotated[
        PixelRule | None,
        typer.Option(help="What predicted coordinates count; by default as their file says."),
    ] = None,
) -> None:
    """Measure predictions: AP and AR as pycocotools gives them, and what lies behind them.

    Intervals are over infants, 95 %. docs/evaluation.md defines every number.

    \b
    Examples:
      infantnet tools evaluate test.json results.json
      infantnet tools evaluate test.json results.json.gz --by source,age --json evaluation.json
      infantnet tools evaluate fits/test.npz predicted.npz --train fits/train.npz
      infantnet tools evaluate test.json postures.csv --train train.json
    """
    facets = _facets(by or [])
    if json_out is not None and str(json_out) != "-" and not json_out.absolute().parent.is_dir():
        raise Stop(f"{json_out.absolute().parent}: there is no such folder.")
    unknown = Unknown.SKIP if skip_unknown else Unknown.REFUSE
    if kind is Kind.AUTO:
        kind = Kind(_kind_of_either(truth, predictions).value)
    drawn: dict[str, Any] = {"resamples": resamples, "seed": seed}
    if kind is not Kind.JOINTS and facets:
        raise Stop(f"--by is for joints in images, not for {kind.value}.", Exit.USAGE)
    if kind is Kind.JOINTS and train is not None:
        raise Stop("--train is for bodies and postures, not for joints.", Exit.USAGE)
    quiet = json_out is not None and str(json_out) == "-"
    if kind is Kind.BODIES:
        model = None if body is None else load_body(body)
        bodies = read_bodies(truth, predictions, unknown, model)
        training = None if train is None else bodies.to_train_on(train, model)
        with progress("Comparing bodies") as bar:
            beside = compare(bodies, training, bar.update)
        measured = evaluate_bodies(
            beside.each, bodies.clusters, baseline=beside.baseline, worst=worst, **drawn
        )
        found = measured.to_json()
        for row in found["worst"]:
            row["id"] = bodies.ids[row["row"]]
        notes = [*bodies.notes, beside.note, *measured.notes]
        if not quiet:
            _print_bodies(measured, found["worst"])
    elif kind is Kind.POSTURES:
        postures = read_postures(predictions, read_truth(truth), unknown, others_beside(truth))
        compared = evaluate_postures(
            postures.true,
            postures.predicted,
            postures.clusters,
            training=[] if train is None else known_postures(train),
            **drawn,
        )
        found, notes = compared.to_json(), [*postures.notes, *compared.notes]
        if not quiet:
            _print_postures(compared)
    else:
        known = read_truth(truth)
        read = read_predictions(
            predictions, known, unknown=unknown, pixels=pixels, others=others_beside(truth)
        )
        options = Options(by=tuple(dict.fromkeys((*facets, "joint"))), worst=worst, **drawn)
        result = evaluate(known.truths, read.predictions, options)
        found, notes = result.to_json(), [*known.notes, *read.notes, *result.notes]
        if not quiet:
            _print_joints(result, facets)
    found = {
        "kind": kind.value,
        "truth": truth.name,
        "predictions": predictions.name,
        **found,
        "notes": notes,
        "conventions": conventions.table(),
    }
    for note in notes:
        say(f"Note: {note}")
    if json_out is None:
        return
    data = orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n"
    if quiet:
        print(data.decode(), end="")
        return
    replace_file(json_out, data)
    say(f"{json_out} written.")


def _facets(asked: Sequence[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(name.strip() for text in asked for name in text.split(",")))
    wrong = [name for name in names if name not in FACETS]
    if wrong:
        raise Stop(f"--by {', '.join(wrong)}: {', '.join(FACETS)} are known.", Exit.USAGE)
    return names


def _kind_of_either(truth: Path, predictions: Path) -> PredictedKind:
    if truth.suffix.casefold() == ".npz":
        return PredictedKind.BODIES
    return kind_of(predictions)


def _shown(measure: Measure | None, unit: str) -> str:
    if measure is None or measure.value is None:
        return "–"
    return _number(measure.value, unit)


def _number(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}" if unit in ("px", "mm") else f"{value:.3f}"


def _interval(measure: Measure, unit: str) -> str:
    if measure.interval is None:
        return ""
    low, high = measure.interval.low, measure.interval.high
    if unit in ("px", "mm"):
        return f"{low:.1f} – {high:.1f} {unit}"
    return f"{low:.3f} – {high:.3f}"


def _unit(name: str) -> str:
    known = conventions.BY_NAME.get(name)
    return known.unit if known else "share"


def _print_measures(
    measures: Mapping[str, Measure], beside: Mapping[str, Measure], name_beside: str = ""
) -> None:
    rows = []
    for name, measure in measures.items():
        unit = _unit(name)
        row = [name, _shown(measure, unit), _interval(measure, unit)]
        rows.append([*row, _shown(beside.get(name), unit)] if beside else row)
    columns = ["measure", "value", "95 % interval"]
    table([*columns, name_beside] if beside else columns, rows, "Nothing was measured.")


def _print_joints(result: Evaluation, facets: Sequence[str]) -> None:
    counts = result.counts
    facts(
        [
            ("images", f"{counts['images']:,}"),
            ("people", f"{counts['people']:,} ({counts['joints']:,} joints)"),
            ("predictions", f"{counts['predictions']:,}"),
            ("without prediction", f"{counts['people_without_prediction']:,} people"),
        ]
    )
    print()
    _print_measures(result.measures, result.baseline, baseline.NAME)
    for name in facets:
        print()
        columns = [c for c in _PART_COLUMNS if any(c in p.measures for p in result.parts[name])]
        rows = []
        for part in result.parts[name]:
            cells = [_shown(part.measures.get(c), _unit(c)) for c in columns]
            ap = part.measures.get("AP") or part.measures.get("PCK_box@0.1")
            span = "" if ap is None else _interval(ap, "share")
            size = part.joints if part.images is None else part.images
            rows.append([part.name, f"{size:,}", *cells, span])
        size_of = "joints" if result.parts[name][0].images is None else "images"
        of = "AP" if "AP" in columns else "PCK_box@0.1"
        table([name, size_of, *columns, f"95 % of {of}"], rows, "")
    errors = result.errors
    total = max(sum(errors.counts.values()), 1)
    print()
    table(
        ["kind of error", "joints", "share", "AP without it"],
        [
            [
                kind,
                f"{count:,}",
                f"{count / total:.3f}",
                _shown(Measure(errors.ap_if_mended.get(kind)), "share"),
            ]
            for kind, count in errors.counts.items()
        ],
        "",
    )
    if result.reliability.bins:
        print()
        table(
            ["scores", "predictions", "mean score", "mean OKS"],
            [
                [
                    f"{b.low:.1f} – {b.high:.1f}",
                    f"{b.count:,}",
                    _shown(Measure(b.score), "share"),
                    _shown(Measure(b.oks), "share"),
                ]
                for b in result.reliability.bins
                if b.count
            ],
            "",
        )
    if result.worst:
        print()
        table(
            ["worst frames", "OKS", "joints off", "what"],
            [
                [
                    frame.facts.get("file_name", frame.image_id),
                    f"{frame.oks:.3f}",
                    "not predicted" if frame.distance is None else f"{frame.distance:.0f} px",
                    _what(frame.errors),
                ]
                for frame in result.worst[:_SHOWN_WORST]
            ],
            "",
        )


def _what(errors: Mapping[str, str]) -> str:
    counts: dict[str, int] = {}
    for kind in errors.values():
        counts[kind] = counts.get(kind, 0) + 1
    return ", ".join(f"{count} {kind}" for kind, count in counts.items())


def _print_bodies(result: BodyEvaluation, worst: Sequence[Mapping[str, Any]]) -> None:
    facts([("bodies", f"{result.count:,}")])
    for name, count in result.unmeasured.items():
        if count:
            facts([(f"without {name}", f"{count:,}")])
    print()
    _print_measures(result.measures, result.baseline, mean_body.NAME)
    if worst:
        print()
        names = list(result.measures)
        table(
            ["worst bodies", *names],
            [
                [row["id"], *("–" if row[n] is None else f"{row[n]:.1f} mm" for n in names)]
                for row in worst[:_SHOWN_WORST]
            ],
            "",
        )


def _print_postures(result: PostureEvaluation) -> None:
    facts([("images", f"{int(result.confusion.counts.sum()):,}")])
    print()
    _print_measures(result.measures, result.baseline, result.commonest.name)
    for found in (result.confusion, result.groups):
        if found is not None:
            print()
            _print_confusion(found)


def _print_confusion(found: Confusion) -> None:
    used = [i for i in range(len(found.names)) if found.counts[i].sum() or found.counts[:, i].sum()]
    table(
        ["true \\ predicted", *(found.names[i] for i in used)],
        [[found.names[i], *(f"{found.counts[i, j]:,}" for j in used)] for i in used],
        "",
    )
