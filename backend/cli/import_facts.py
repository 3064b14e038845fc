"""What every import is told of a recording: the options, and the facts in a request."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer


class SourceName(StrEnum):
    """Where a recording comes from."""

    YOUTUBE = "youtube"
    HOME_VISIT = "home_visit"
    OTHER = "other"


class ConsentName(StrEnum):
    """What the family agreed to."""

    PUBLIC_VIDEO = "public_video"
    RESEARCH = "research"
    RESEARCH_AND_RELEASE = "research_and_release"
    NOT_RECORDED = "not_recorded"


class SexName(StrEnum):
    """Sex of the infant, where the family told it."""

    FEMALE = "female"
    MALE = "male"


Infant = Annotated[
    str, typer.Option("--infant", metavar="PSEUDONYM", help="The infant, never by its real name.")
]
Name = Annotated[
    str | None, typer.Option("--name", help="Name of the recording; by default the file's.")
]
SourceOption = Annotated[SourceName, typer.Option("--source", help="Where it comes from.")]
ConsentOption = Annotated[ConsentName, typer.Option("--consent", help="What the family agreed to.")]
Age = Annotated[
    float | None, typer.Option("--age-months", min=0, max=60, help="Age in months at recording.")
]
SexOption = Annotated[SexName | None, typer.Option("--sex", help="Where the family stated it.")]
Notes = Annotated[str | None, typer.Option("--notes", help="Anything worth knowing.")]


def facts_of(
    kind: str,
    name: str,
    source: SourceName,
    consent: ConsentName,
    infant: str,
    sex: SexName | None,
    age_months: float | None,
    notes: str | None,
) -> dict[str, Any]:
    """The facts as the interface takes them."""
    return {
        "kind": kind,
        "name": name,
        "source": source.value,
        "consent": consent.value,
        "infant": {"pseudonym": infant, "sex": sex.value if sex else None},
        "age_months": age_months,
        "notes": notes,
    }
