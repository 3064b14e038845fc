"""``infantnet tools bench-bodies``: InfantNet's Table 4 on plain files, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json, say
from backend.cli.stop import Exit, Stop
from worker.training.recipe import Listener, Scale
from worker.training.recipes.table4 import NETWORKS
from worker.training.table4 import MEASURES, Bench, Row, run


def bench_bodies(
    data: Annotated[
        Path,
        typer.Argument(help="A release's folder with body fits, or a set of renders by split."),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the results; what is done stays done.")
    ],
    networks: Annotated[
        list[str] | None, typer.Option("--row", help="Only this network, such as hmr2; again.")
    ] = None,
    scale: Annotated[
        Scale, typer.Option("--scale", help="paper: the papers' settings; small: minutes a run.")
    ] = Scale.PAPER,
    seeds: Annotated[int, typer.Option("--seeds", min=1, max=20, help="Runs a network.")] = 1,
    adult: Annotated[
        Path | None, typer.Option("--adult", help="An adult's body model file, to compare with.")
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", help="Body model file of the fits, unless the open infant body."),
    ] = None,
    with_fit: Annotated[
        bool, typer.Option(help="Also fit each single view, about a second each.")
    ] = True,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 …")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train body regressors, each with an infant's and an adult's body, and measure them in mm.

    A row that cannot run says why. Started again with the same words, it goes on where it stopped.

    \b
    Examples:
      infantnet tools bench-bodies datasets/crawlers-1.0.0 --out table4
      infantnet tools bench-bodies renders --row body-from-joints --scale small --seeds 3 \\
          --adult open_adult.npz --out table4
    """
    unknown = [name for name in networks or () if name not in NETWORKS]
    if unknown:
        raise Stop(f"There is no {', '.join(unknown)}; rows: {', '.join(NETWORKS)}.", Exit.USAGE)
    found = run(
        Bench(
            data=data,
            folder=out,
            scale=scale,
            seeds=tuple(range(seeds)),
            networks=tuple(networks) if networks else NETWORKS,
            adult=adult,
            truth=truth,
            with_fit=with_fit,
            device=device,
            listener=_Teller(),
        ),
        done=_tell,
    )
    if as_json:
        print_json([_plain(row) for row in found])
    else:
        print((out / "table4.md").read_text(encoding="utf-8"), end="")


def _tell(row: Row) -> None:
    said = ", ".join(f"{name} {row.told(name)}" for name in MEASURES[:2]) if row.scores else ""
    say(f"{row.name} ({row.body}): {said} {row.why}".rstrip())


def _plain(row: Row) -> dict[str, object]:
    return {
        "name": row.name,
        "body": row.body,
        "scores": [dict(one) for one in row.scores],
        "why": row.why,
    }


class _Teller(Listener):
    def note(self, words: str) -> None:
        say(words)
