"""``infantnet up``: run the whole product on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from backend.cli.stop import Exit, Stop
from backend.core.settings import Settings


def up(
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Port to listen on.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder in which everything is kept.")
    ] = None,
    models: Annotated[
        bool | None, typer.Option("--models/--no-models", help="Whether model jobs may run.")
    ] = None,
    demo: Annotated[
        bool | None, typer.Option("--demo/--no-demo", help="Load the demo at the first start.")
    ] = None,
) -> None:
    """Start the web server, workers, Postgres and Redis, and run until Ctrl-C.

    What is not given comes from the environment: INFANTNET_HOST, INFANTNET_PORT, INFANTNET_DATA,
    INFANTNET_MODELS, INFANTNET_DEMO, DATABASE_URL, REDIS_URL.

    \b
    Examples:
      infantnet up
      infantnet up --port 9000 --data /srv/infantnet --demo
    """
    from backend.ops import supervise

    chosen: dict[str, Any] = {
        "host": host,
        "port": port,
        "data_dir": data,
        "models": models,
        "demo": demo,
    }
    try:
        settings = Settings(**{name: value for name, value in chosen.items() if value is not None})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise Stop(faults, Exit.USAGE) from error
    raise typer.Exit(supervise.run(settings))
