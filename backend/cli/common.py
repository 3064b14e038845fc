"""What several commands share: options, the connection, finding a recording by name or id."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from backend.cli.client import Api, Refused
from backend.cli.stop import Stop
from backend.cli.target import find_target

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
NoWait = Annotated[
    bool, typer.Option("--no-wait", help="Return at once; the job continues on the server.")
]
RecordingName = Annotated[
    str, typer.Argument(metavar="RECORDING", help="Name or id of a recording.")
]


def group(help_text: str) -> typer.Typer:
    """A group of commands."""
    return typer.Typer(help=help_text, no_args_is_help=True, rich_markup_mode=None)


def connect(ctx: typer.Context) -> Api:
    """A connection to the server that ``--server`` and the environment name."""
    return Api(find_target(ctx.find_root().params.get("server")))


def find_recording(api: Api, name: str) -> dict[str, Any]:
    """A recording by name or id; a name that is a number counts as an id first.

    Raises:
        Stop: there is none, or part of a name fits several.
    """
    if name.isdigit():
        try:
            found: dict[str, Any] = api.get(f"/recordings/{name}")
        except Refused as refusal:
            if refusal.status != 404:
                raise
        else:
            return found
    fitting = list(api.pages("/recordings", q=name, limit=200))
    exact = [r for r in fitting if r["name"] == name] or [
        r for r in fitting if r["name"].casefold() == name.casefold()
    ]
    if len(exact) == 1:
        return dict(exact[0])
    if not fitting:
        raise Stop(f"There is no recording “{name}”. `infantnet recordings list` shows all.")
    near = ", ".join(f"{r['name']} ({r['id']})" for r in fitting[:5])
    raise Stop(f"There is no recording named exactly “{name}”. Similar: {near}.")
