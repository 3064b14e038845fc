"""The annotator's hour: what a simulated person spends on a session, and what comes of it.

    python -m benchmarks.annotators_hour [--seed 2] [--session four] [--labels rtmo] [--hand 1]

Rendered sessions with known truth (``benchmarks/hour/sessions.py``): four calibrated cameras × 600
moments and one camera × 1,800 frames, at 30 frames a second and 480 × 270. Pre-labels of two kinds:
with faults like RTMO-L's on infants (``noise.py``), and those of the demo's model (``model.py``).
One person with one policy (``annotator.py``) makes labels in four ways (``methods.py``): leaves the
pre-labels alone; goes frame by frame; sets linear key frames as in CVAT; or answers this product's
questions while its engine carries each correction as far as the evidence goes.

Frames on which next to nothing is seen of the infant would be discarded and count for no method.
Seed 1 is for development; the table of ``docs/benchmarks.md`` is of others. Rendering a session
takes two to five minutes, the motion of its pictures one, the demo model's labels three; each is
done once and kept in ``--cache``. ``--plain`` takes sessions without pictures (``plain.py``).
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from backend.domain.trajectories.evidence import SessionEvidence
from benchmarks.hour import film
from benchmarks.hour.annotator import Person
from benchmarks.hour.evidence import evidence_of, misplaced
from benchmarks.hour.methods import (
    Point,
    Product,
    Run,
    calibration,
    frame_by_frame,
    linear_key_frames,
    prelabels_alone,
    worsened,
)
from benchmarks.hour.model import of_demo_model
from benchmarks.hour.noise import Prelabels, like_rtmo
from benchmarks.hour.plain import alike_everywhere, by_posture, labelled, plain_session
from benchmarks.hour.sessions import KINDS, Session, session
from benchmarks.table import Row, print_table, within_limit

ALLOWED = {"four": 0.03, "one": 0.08}
"""Corrections a frame."""
OKS, GOOD, PLAYBACK = 0.97, 0.99, 5.0
PLAIN = {"rtmo": like_rtmo, "demo": alike_everywhere, "posture": by_posture}
"""Labels of sessions without pictures."""
WATCHED = 4.0
"""After the questions he plays all once; together at most so many times the allowed corrections."""
SOLVE_S, NEAR_S, WORSE = 2.0, 0.1, 0.005


def at_least(what: str, value: float, limit: float, spent: Point) -> Row:
    return Row(what, f"{value:.4f}", f"limit: {limit:g}", value / limit,
               f"at {spent.corrections:.3f} corrections", value >= limit)  # fmt: skip


def stated(what: str, measured: str, reference: str = "-") -> Row:
    return Row(what, measured, reference, None, "-", None)


def described(point: Point) -> str:
    return f"OKS {point.oks:.3f}, {100 * point.good:.1f} % ≥ .9, PCK@.1 {point.pck:.3f}"


def spent(point: Point) -> str:
    return (
        f"{point.corrections:.3f} corrections, {point.actions:.3f} actions, "
        f"{point.looks:.3f} looks, {point.seconds:.2f} s a frame"
    )


def upto(run: Run, corrections: float) -> Point:
    """The last point that is not above a budget."""
    return [p for p in run.points if p.corrections <= corrections + 1e-9][-1]


def baselines(found: Session, labels: Prelabels, person: Person) -> tuple[list[Run], list[Row]]:
    runs = [
        prelabels_alone(found, labels),
        frame_by_frame(found, labels, person),
        linear_key_frames(found, labels, person),
    ]
    return runs, [stated(run.name, described(run.last), spent(run.last)) for run in runs]


def of_product(
    found: Session, labels: Prelabels, product: Product, by_hand: Run, allowed: float
) -> list[Row]:
    run = product.run
    last = run.last
    speed = product.speed
    worse = worsened(found, labels, run.joints)
    rows = [
        stated("this product", described(last), spent(last)),
        at_least("… mean OKS", last.oks, OKS, last),
        at_least("… share of frames at OKS .9 or more", last.good, GOOD, last),
        within_limit("… corrections a frame", last.corrections, "", allowed),
    ]
    equal = last.oks >= by_hand.last.oks and last.good >= by_hand.last.good
    ratio = last.actions / by_hand.last.actions
    rows.append(
        Row("… actions a frame, against frame by frame", f"{last.actions:.3f}",
            f"{by_hand.last.actions:.3f}", ratio, "<= .1, as accurate", ratio <= 0.1 and equal)
    )  # fmt: skip
    for share, inside in calibration(found, product).items():
        rows.append(
            Row(f"… joints within the radius stated for {100 * share:.0f} %",
                f"{100 * inside:.1f} %", f"{100 * share:.0f} %", None, "within 5 points",
                abs(inside - share) <= 0.05)
        )  # fmt: skip
    rows += [
        within_limit("… share of frames worse than their pre-label", worse.any, "", WORSE),
        within_limit("… worse by more than .005", worse.clearly, "", WORSE),
        within_limit(
            f"… of the {worse.right} whose pre-label is correct", worse.correct, "", WORSE
        ),
        stated("… mean OKS that it expects of itself", f"{product.expected[-1]:.3f}"),
        within_limit("… the whole session solved, processor", speed.first, "s", SOLVE_S),
        within_limit("… after a correction, processor, median", speed.near, "s", NEAR_S),
        stated("… worst", f"{speed.near_worst:.3g} s"),
    ]
    return rows


def measure(
    kind: str,
    which: str,
    seed: int,
    cache: Path | None,
    hand: float,
    budget: float | None,
    *,
    oracle: bool = False,
    off: float = 0.0,
) -> tuple[list[Row], list[Run], int]:
    found, labels, evidence = given(kind, which, seed, cache)
    evidence = misplaced(evidence, off, seed)
    person = Person.of(found, seed + 20, hand)
    runs, rows = baselines(found, labels, person)
    product = Product(found, labels, person, evidence)
    allowed = budget or ALLOWED[kind]
    runs.append(product.work(allowed, progress=lambda text: print(f"  {text}", flush=True)))
    rows += of_product(found, labels, product, runs[1], allowed)
    if oracle:
        knows = Product(found, labels, person, evidence, oracle=True)
        knows.run.name = "asked by true error"
        runs.append(knows.work(allowed))
        rows.append(stated("frames chosen by their true error", described(knows.run.last),
                           spent(knows.run.last)))  # fmt: skip
    before = product.run.last
    product.watch(PLAYBACK, seed, WATCHED * allowed)
    rows.append(
        stated(f"… and played once at {PLAYBACK:g} frames a second", described(product.run.last),
               spent(product.run.last))
    )  # fmt: skip
    assert before.corrections <= product.run.last.corrections
    return rows, runs, int(found.usable.sum())


def given(
    kind: str, which: str, seed: int, cache: Path | None
) -> tuple[Session, Prelabels, SessionEvidence]:
    """A session, its pre-labels and its evidence; without pictures where there is no cache."""
    if cache is None:
        found, evidence = plain_session(kind, seed)
        labels = PLAIN[which](found, seed + 10)
        return found, labels, labelled(found, evidence, labels)
    found = session(kind, seed, cache)
    labels = like_rtmo(found, seed + 10) if which == "rtmo" else of_demo_model(found)
    return found, labels, evidence_of(found, labels)


def real_film() -> list[Row]:
    rows = []
    for title, folder, films, every in (
        ("a child jumps on a bed", "children_bedroom", film.bedroom, 2),
        ("a walk before four cameras", "multiview_4cam", film.walk, 3),
    ):
        if (film.folder() / folder).is_dir():
            rows += film.rows(title, films(), every)
        else:
            missing = f"{film.folder() / folder} is missing (INFANTNET_SHARED_DATA)"
            rows.append(stated(title, "not measured", missing))
    return rows


def through_editor(seed: int, cache: Path, count: int) -> list[Row]:
    """Whether the real editor needs the actions that are counted in numbers."""
    from benchmarks.hour import through_editor as screen

    found = session("one", seed, cache)
    stretch = slice(300, 300 + count)
    part, labels = screen.part(found, like_rtmo(found, seed + 10), stretch)
    person = Person.of(part, seed + 20)
    counted = frame_by_frame(part, labels, person)
    real = screen.work(part, labels, person, stretch)
    ratio = real.last.actions / counted.last.actions
    notes = ", ".join(f"{name} {value:.0f}" for name, value in real.notes.items())
    return [
        stated("frame by frame, in numbers", described(counted.last), spent(counted.last)),
        stated("frame by frame, in the editor", described(real.last), spent(real.last)),
        Row("… its actions against those counted in numbers", f"{real.last.actions:.3f}",
            f"{counted.last.actions:.3f}", ratio, ".9 to 1.1", 0.9 <= ratio <= 1.1),
        stated("… " + notes, "-"),
    ]  # fmt: skip


def curves(runs: Sequence[Run], found: int) -> None:
    """OKS and share of good frames over corrections a frame."""
    budgets = (0.0, 0.01, 0.02, 0.03, 0.05, 0.08, 0.15, 0.3, 0.6, 1.0, 2.0, 4.0, 8.0)
    print(f"  {'corrections a frame':24}" + "".join(f"{b:>11g}" for b in budgets))
    for run in runs:
        cells = []
        for budget in budgets:
            reached = [p for p in run.points if p.corrections <= budget + 1e-9]
            done = bool(reached) and run.points[-1].corrections < budget
            cells.append(
                f"{reached[-1].oks:.3f}/{reached[-1].good:.2f}" + ("*" if done else " ")
                if reached
                else "- "
            )
        print(f"  {run.name:24}" + "".join(f"{c:>11}" for c in cells))
    print(f"  mean OKS / share of {found} frames at .9 or more; * ended before")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--session", choices=(*KINDS, "both", "film"), default="both")
    parser.add_argument("--labels", choices=("rtmo", "demo", "posture", "both"), default="both")
    parser.add_argument(
        "--plain", action="store_true",
        help="sessions without pictures, made in a second; labels demo: errors alike everywhere",
    )  # fmt: skip
    parser.add_argument(
        "--off", type=float, default=0.0, metavar="PIXELS",
        help="principal points of several cameras are wrong by so much along each axis",
    )  # fmt: skip
    parser.add_argument("--hand", type=float, default=1.0, help="factor on the hand's error")
    parser.add_argument(
        "--oracle", action="store_true",
        help="also with questions by the true error: what a better choice of frames could give",
    )  # fmt: skip
    parser.add_argument("--budget", type=float, help="corrections a frame, beyond the target's")
    parser.add_argument(
        "--through-editor", type=int, metavar="FRAMES",
        help="instead: so many frames of one camera in a real browser, against the same in numbers",
    )  # fmt: skip
    parser.add_argument(
        "--cache", type=Path, default=Path(tempfile.gettempdir()) / "infantnet-annotators-hour"
    )
    parser.add_argument("--curves", type=Path, help="write all curves to this JSON file")
    options = parser.parse_args()
    if options.through_editor:
        rows = through_editor(options.seed, options.cache, options.through_editor)
        print_table(f"{options.through_editor} frames of one camera in the real editor", rows)
        return 0 if all(row.passed is not False for row in rows) else 1
    kept = {}
    if options.session in ("both", "film"):
        rows = real_film()
        print_table("Real film: joints placed by hand and left out of the evidence", rows)
    chosen = {"both": tuple(KINDS), "film": ()}.get(options.session, (options.session,))
    for kind in chosen:
        for which in ("rtmo", "demo") if options.labels == "both" else (options.labels,):
            began = time.monotonic()
            cache = None if options.plain else options.cache
            rows, runs, frames = measure(
                kind, which, options.seed, cache, options.hand, options.budget,
                oracle=options.oracle, off=options.off,
            )  # fmt: skip
            cameras, moments = KINDS[kind]
            title = f"{cameras} camera{'s' * (cameras > 1)} x {moments}, seed {options.seed}, "
            bad = "errors alike everywhere" if options.plain else "the demo's model"
            title += "noise like RTMO-L's" if which == "rtmo" else bad
            title += f", cameras off by {options.off:g} px" if options.off else ""
            print_table(f"{title} ({time.monotonic() - began:.0f} s)", rows)
            curves(runs, frames)
            kept[f"{kind} {which} {options.seed}"] = {
                run.name: [asdict(p) for p in run.points] for run in runs
            }
    if options.curves:
        options.curves.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
