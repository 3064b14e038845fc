"""``python -m worker.synthesis.command``, which ``infantnet synthesise`` runs."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import say
from backend.cli.stop import Exit
from backend.domain.errors import DomainError, InvalidInput
from worker.synthesis.dataset import Order, synthesise

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def parse_size(text: str) -> tuple[int, int]:
    """``640x480`` to (640, 480).

    Raises:
        InvalidInput: it is not written so.
    """
    found = re.fullmatch(r"(\d{1,6})[x×](\d{1,6})", text.strip())
    if found is None:
        raise InvalidInput(f"“{text}” is not a size; write it as 640x480.")
    return int(found[1]), int(found[2])


@app.command()
def command(
    count: Annotated[int, typer.Option("--count", metavar="N", help="How many pictures.")],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="A new or empty folder.")],
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="The same seed gives the same pictures.")
    ] = 0,
    size: Annotated[str, typer.Option("--size", metavar="WxH", help="Pixels.")] = "640x480",
    workers: Annotated[int, typer.Option("--workers", min=1, max=256, help="Processes.")] = 1,
    fits: Annotated[
        Path | None,
        typer.Option("--fits", metavar="FITS.npz", help="Take shapes and poses from body fits."),
    ] = None,
    look: Annotated[
        str, typer.Option("--look", metavar="LOOK", help="home, plain or dim.")
    ] = "home",
    postures: Annotated[
        str,
        typer.Option("--postures", metavar="SET", help="floor, or aims: the twelve in turn."),
    ] = "floor",
) -> None:
    """Render dressed infants with exact joints, visibility, masks, boxes and 3D, as a COCO file.

    \b
    Example:
      infantnet synthesise --count 1000 --seed 7 --out renders --workers 4
    """
    begun = time.monotonic()

    def tell(done: int) -> None:
        rate = done / max(time.monotonic() - begun, 1e-6)
        say(f"{done:,} of {count:,} pictures, {rate:.1f} a second")

    order = Order(count, seed, parse_size(size), fits, look, postures)
    synthesise(order, out.absolute(), workers, tell)
    typer.echo(f"{out / 'annotations.json'}: {count:,} pictures")


def main() -> int:
    """Run the command; returns the exit code."""
    try:
        app(prog_name="infantnet synthesise", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(Exit.FAILED)
    except DomainError as error:
        say(error.message)
        return int(Exit.FAILED)
    except KeyboardInterrupt:
        return int(Exit.INTERRUPTED)
    return int(Exit.OK)


if __name__ == "__main__":
    sys.exit(main())
