"""``infantnet doctor``: is everything there, and what to do where it is not."""

from __future__ import annotations

import sys
from dataclasses import asdict

import typer
from rich.console import Console
from rich.markup import escape

from backend.cli.common import Json
from backend.cli.output import print_json
from backend.cli.stop import Exit
from backend.cli.target import find_target
from backend.core.settings import get_settings

_COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


def doctor(ctx: typer.Context, as_json: Json = False) -> None:
    """Check this machine and its server: programs, services, storage, weights, GPU, disk.

    Ends with 1 when something fails; warnings alone end with 0.

    \b
    Examples:
      infantnet doctor
      infantnet doctor --json
    """
    from backend.cli.checks import Check, Verdict, run_checks

    target = find_target(ctx.find_root().params.get("server"))
    console = Console(soft_wrap=True, highlight=False)
    results: list[Check] = []
    for check in run_checks(get_settings(), target):
        results.append(check)
        if as_json:
            continue
        word = check.verdict.value
        if sys.stdout.isatty():
            word = f"[{_COLOURS[word]}]{word:<4}[/]"
        console.print(f"{word:<4}  {check.name:<22}  {escape(check.found)}")
        if check.advice and check.verdict is not Verdict.OK:
            console.print(f"      {'':<22}  → {escape(check.advice)}")
    if as_json:
        print_json([asdict(check) for check in results])
    if any(check.verdict is Verdict.FAIL for check in results):
        raise typer.Exit(Exit.FAILED)
