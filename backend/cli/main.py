"""The command line ``infantnet``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from pydantic import ValidationError

from backend.cli import (
    bench,
    bodies,
    calibrate,
    exports,
    import_postures,
    jobs,
    quality,
    recordings,
    releases,
    scans,
    undo,
    users,
    weights,
    work,
)
from backend.cli.doctor import doctor
from backend.cli.evaluate import evaluate
from backend.cli.output import say
from backend.cli.stop import Exit, Stop
from backend.cli.sync import sync
from backend.cli.synthesise import synthesise
from backend.cli.tools import tools
from backend.cli.up import up

app = typer.Typer(
    name="infantnet",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def root(
    server: Annotated[
        str | None,
        typer.Option("--server", metavar="URL", help="Server to talk to; or INFANTNET_URL."),
    ] = None,
) -> None:
    """Annotate and curate infant pose datasets.

    Results go to stdout, progress and messages to stderr. Exit codes: 0 done, 1 failed, 2 wrong
    usage, 3 the server cannot be reached, 4 not logged in or not allowed.

    \b
    From a video to a COCO file:
      infantnet up
      infantnet import video bedroom.mp4 --infant B07 --every 10
      infantnet prelabel bedroom
      … people annotate and inspect in the browser …
      infantnet export coco --recording bedroom --out bedroom.json
    """


app.command("up", short_help="Start everything, until Ctrl-C.")(up)
app.add_typer(import_postures.app, name="import")
app.add_typer(undo.app, name="imports")
app.command("prelabel", short_help="Let the pose model propose joints.")(work.prelabel)
app.command("boxes", short_help="Let SAM propose masks and boxes.")(work.boxes)
app.command("sync", short_help="Compare and set the cameras' clocks.")(sync)
app.command("fit", short_help="Fit the body model to all cameras together.")(work.fit)
app.add_typer(calibrate.app, name="calibrate")
app.add_typer(scans.app, name="scans")
app.add_typer(exports.app, name="export")
app.add_typer(releases.app, name="releases")
app.command("evaluate", short_help="Measure predictions on a release.")(evaluate)
app.add_typer(bench.app, name="bench")
app.add_typer(recordings.app, name="recordings")
app.add_typer(jobs.app, name="jobs")
app.add_typer(weights.app, name="weights")
app.add_typer(bodies.app, name="bodies")
app.add_typer(quality.app, name="quality")
app.add_typer(users.app, name="users")
app.command(
    "tools",
    short_help="Calibrate, sync, fit and evaluate on plain files.",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(tools)
app.command(
    "synthesise",
    short_help="Render infants with exact joints.",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(synthesise)
app.command("doctor", short_help="Check this machine and its server.")(doctor)


def main() -> int:
    """Run a command; returns the exit code."""
    try:
        app()
    except Stop as stop:
        say(stop.message)
        return int(stop.code)
    except ValidationError as error:
        for fault in error.errors():
            say(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}")
        return int(Exit.USAGE)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has gone: nothing to complain about
        return int(Exit.OK)
    return int(Exit.OK)


if __name__ == "__main__":
    sys.exit(main())
