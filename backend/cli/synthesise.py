"""``infantnet synthesise``: rendered infants."""

from __future__ import annotations

from typing import NoReturn

import typer

from backend.cli.hand_over import hand_over


def synthesise(ctx: typer.Context) -> NoReturn:
    """Render dressed infants with exact joints, as a COCO file; needs no server."""
    hand_over("worker.synthesis.command", ctx.args)
