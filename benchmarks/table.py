"""One way to print results: what was measured, against what, the ratio, and whether it passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One result. ``passed`` is None where a figure is only quoted for comparison."""

    what: str
    measured: str
    reference: str
    ratio: float | None
    target: str
    passed: bool | None

    @property
    def verdict(self) -> str:
        if self.passed is None:
            return "-"
        return "PASS" if self.passed else "MISS"


def speed_against_peer(
    what: str, seconds: float, peer: str, peer_seconds: float, *, at_least: float
) -> Row:
    """How many times faster than a peer measured in the same run; above 1 is faster."""
    ratio = peer_seconds / seconds
    return Row(
        what,
        f"{seconds:.3g} s",
        f"{peer}: {peer_seconds:.3g} s",
        ratio,
        f"ratio >= {at_least:g}",
        ratio >= at_least,
    )


def within_limit(what: str, value: float, unit: str, limit: float) -> Row:
    """A value that must not exceed a limit; the ratio is value / limit."""
    return Row(
        what, f"{value:.3g} {unit}", f"limit: {limit:g} {unit}", value / limit, "ratio <= 1",
        value <= limit,
    )  # fmt: skip


def not_below(what: str, value: float, peer: str, peer_value: float, unit: str) -> Row:
    """A value that should reach a peer's; the ratio is value / peer."""
    return Row(
        what,
        f"{value:.4g} {unit}",
        f"{peer}: {peer_value:.4g} {unit}",
        value / peer_value,
        "ratio >= 1",
        value >= peer_value,
    )


def quoted(what: str, value: float, unit: str, peer: str, peer_value: float) -> Row:
    """A value beside a published figure of another machine; the ratio is peer / value."""
    return Row(
        what, f"{value:.3g} {unit}", f"{peer}: {peer_value:g} {unit}", peer_value / value, "quoted",
        None,
    )  # fmt: skip


def print_table(title: str, rows: Sequence[Row]) -> None:
    """Print rows under a title, columns aligned, the verdict last."""
    header = ("what", "measured", "against", "ratio", "target", "")
    cells = [header] + [
        (
            row.what,
            row.measured,
            row.reference,
            "-" if row.ratio is None else f"{row.ratio:.2f}",
            row.target,
            row.verdict,
        )
        for row in rows
    ]
    widths = [max(len(line[i]) for line in cells) for i in range(len(header))]
    print(f"\n{title}")
    for number, line in enumerate(cells):
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
        if number == 0:
            print("  ".join("-" * width for width in widths))
