"""``infantnet tools bench``: a paper's table on plain files, without a server."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json, say
from backend.cli.stop import Exit, Stop
from backend.models.checkpoints.top_down import BY_NAME
from worker.training.recipe import Listener, Scale
from worker.training.table3 import Bench, Row, run


class Table(StrEnum):
    """Which table."""

    TABLE3 = "table3"


def bench(
    table: Annotated[Table, typer.Argument(help="table3: 24 networks, zero-shot and fine-tuned.")],
    data: Annotated[
        Path, typer.Argument(help="A release's folder, or a COCO set with a test split.")
    ],
    weights: Annotated[
        Path, typer.Option("--weights", help="Folder of the published checkpoints.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the results; what is done stays done.")
    ],
    rows: Annotated[
        list[str] | None, typer.Option("--row", help="Only this row, such as hrnet-w32; again.")
    ] = None,
    scale: Annotated[
        Scale,
        typer.Option("--scale", help="paper: 40 epochs at 1e-4; small: for two cores."),
    ] = Scale.PAPER,
    zero_shot: Annotated[
        bool, typer.Option("--zero-shot", help="Only measure what is published; train nothing.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Of all chance.")] = 0,
    device: Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1 …")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Fill a paper's table with a set of one's own: each network as published, and fine-tuned.

    Networks are given the true boxes. A row that cannot run says why. Started again with the same
    words, it goes on where it stopped.

    \b
    Examples:
      infantnet tools bench table3 datasets/crawlers-1.0.0 --weights data/weights --out table3
      infantnet tools bench table3 datasets/crawlers-1.0.0 --weights data/weights --out table3 \\
          --row hrnet-w32 --row vitpose-s --scale small
    """
    unknown = [row for row in rows or () if row not in BY_NAME]
    if unknown:
        raise Stop(f"There is no row {', '.join(unknown)}; rows: {', '.join(BY_NAME)}.", Exit.USAGE)
    if not weights.is_dir():
        raise Stop(f"{weights}: there is no such folder.", Exit.USAGE)
    listener = _Teller()
    wanted = Bench(
        data=data,
        weights=weights,
        folder=out,
        scale=scale,
        seed=seed,
        device=device,
        fine_tune=not zero_shot,
        listener=listener,
        rows=tuple(rows) if rows else tuple(BY_NAME),
    )
    found = run(wanted, done=_tell)
    if as_json:
        print_json([_plain(row) for row in found])
    else:
        print((out / f"{table.value}.md").read_text(encoding="utf-8"), end="")


def _tell(row: Row) -> None:
    if row.zero_shot is None:
        say(f"{row.name}: {row.why}")
        return
    tuned = "" if row.fine_tuned is None else f", fine-tuned {row.fine_tuned['AP']:.3f}"
    say(f"{row.name}: AP {row.zero_shot['AP']:.3f}{tuned} {row.why}".rstrip())


def _plain(row: Row) -> dict[str, object]:
    return {
        "name": row.name,
        "zero_shot": row.zero_shot,
        "fine_tuned": row.fine_tuned,
        "gain": row.gain,
        "why": row.why,
    }


class _Teller(Listener):
    def note(self, words: str) -> None:
        say(words)
