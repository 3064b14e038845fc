"""``infantnet synthesise``: rendered infants, made in a process of its own.

The command line of the server knows nothing of the workers' packages, hence the process.
"""

from __future__ import annotations

import subprocess
import sys

import typer

from backend.cli.stop import Exit


def synthesise(ctx: typer.Context) -> None:
    """Render dressed infants with exact joints, as a COCO file; needs no server."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "worker.synthesis.command", *ctx.args], check=False
        )
    except KeyboardInterrupt:
        raise typer.Exit(int(Exit.INTERRUPTED)) from None
    raise typer.Exit(done.returncode)
