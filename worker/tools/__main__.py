"""``python -m worker.tools``, which ``infantnet tools`` runs.

Results go to stdout, messages to stderr. Exit codes as everywhere: 0 done, 1 failed, 2 wrong
usage, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

import typer

from backend.cli.output import say
from backend.cli.stop import Exit, Stop
from backend.domain.errors import DomainError, InvalidInput
from worker.tools.registry import TOOLS


def build(arguments: Sequence[str]) -> typer.Typer:
    """The command line; only the command that ``arguments`` name is imported."""
    app = typer.Typer(
        name="infantnet tools",
        no_args_is_help=True,
        rich_markup_mode=None,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def root() -> None:
        """Calibrate, synchronise, fit, train and evaluate on plain files, without a server."""

    named = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, tool in TOOLS.items():
        if tool.present:
            command = tool.load() if name == named else _listed(tool.about)
            app.command(name, short_help=tool.about)(command)
    return app


def _listed(about: str) -> Callable[[], None]:
    def command() -> None:
        """Stands in the list of commands."""

    command.__doc__ = about
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a tool; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        app = build(arguments)
        app(list(arguments), prog_name="infantnet tools", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(Exit.FAILED)
    except Stop as stop:
        say(stop.message)
        return int(stop.code)
    except InvalidInput as error:
        say(_with_fault(error))
        return int(Exit.FAILED)
    except DomainError as error:
        say(error.message)
        return int(Exit.FAILED)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    return int(Exit.OK)


def _with_fault(error: InvalidInput) -> str:
    said = error.message
    if error.file and error.file not in said:
        said = f"{error.file}: {said}"
    if error.fault and error.fault not in said:
        said = f"{said} ({error.fault})"
    return said


if __name__ == "__main__":
    sys.exit(main())
