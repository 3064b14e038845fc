"""``infantnet tools …``: the numerical parts on plain files, run in a process of their own.

The command line of the server knows nothing of the workers' packages, hence the process.
"""

from __future__ import annotations

import subprocess
import sys

import typer

from backend.cli.stop import Exit


def tools(ctx: typer.Context) -> None:
    """Calibrate, synchronise, fit, train and evaluate on plain files, without a server.

    \b
    Examples:
      infantnet tools --help
      infantnet tools fit --cameras cameras.toml --joints joints.npz --out fits.npz
      infantnet tools check-splits train.json test.json --images images/
      infantnet tools evaluate test.json results.json
      infantnet tools train blazepose-lite datasets/crawlers-1.0.0 --out runs/lite
    """
    try:
        done = subprocess.run([sys.executable, "-m", "worker.tools", *ctx.args], check=False)
    except KeyboardInterrupt:
        raise typer.Exit(int(Exit.INTERRUPTED)) from None
    raise typer.Exit(done.returncode)
