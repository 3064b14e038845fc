"""``infantnet tools …``: the numerical parts on plain files."""

from __future__ import annotations

from typing import NoReturn

import typer

from backend.cli.hand_over import hand_over


def tools(ctx: typer.Context) -> NoReturn:
    """Calibrate, synchronise, fit, train and evaluate on plain files, without a server.

    \b
    Examples:
      infantnet tools --help
      infantnet tools fit --cameras cameras.toml --joints joints.npz --out fits.npz
      infantnet tools check-splits train.json test.json --images images/
      infantnet tools evaluate test.json results.json
      infantnet tools train blazepose-lite datasets/crawlers-1.0.0 --out runs/lite
    """
    hand_over("worker.tools", ctx.args)
