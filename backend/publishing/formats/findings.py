"""What was odd in a file: counted by kind, with the first few places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from backend.domain.errors import InvalidInput
from backend.domain.oddities import ODD_RULES, Answer, Answers, Odd, OddRule
from backend.domain.skeleton_maps import SkeletonMap

MAX_PLACES: Final = 5
"""So many places of each kind are kept."""
_MAX_DETAIL: Final = 160


class Fault(ValueError):
    """Something in the file is wrong at a place such as ``annotations[12].bbox``."""

    def __init__(self, where: str, fault: str) -> None:
        super().__init__(f"{where}: {fault}" if where else fault)


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is odd.

    Attributes:
        where: Place in the document such as ``annotations[12].bbox``; empty for an image file.
        image: File name of the image, if one is concerned.
        annotation: Id of the annotation, if one is concerned.
        detail: What stands there, in words.
    """

    where: str = ""
    image: str | None = None
    annotation: int | str | None = None
    detail: str = ""

    def __str__(self) -> str:
        who = None if self.annotation is None else f"annotation {self.annotation}"
        named = ", ".join(part for part in (self.image, who, self.where) if part)
        return ": ".join(part for part in (named, self.detail) if part)


@dataclass(slots=True)
class Found:
    """One kind that was met."""

    kind: Odd
    answer: Answer
    count: int = 0
    places: list[Place] = field(default_factory=list)

    @property
    def rule(self) -> OddRule:
        """What the kind is, in words."""
        return ODD_RULES[self.kind]

    def __str__(self) -> str:
        """One sentence: what was odd, how often, what was done, and the first place."""
        rule = self.rule
        first = f" First: {self.places[0]}." if self.places else ""
        return f"{rule.title} ({rule.amount(self.count)}): {rule.done(self.answer)}.{first}"


@dataclass(slots=True)
class MetSkeleton:
    """A skeleton that was met in a file.

    Attributes:
        joints: What each of its joints became: an index among COCO's, or None; by name.
        taken: Whether it is used.
        count: How often it was met.
        told: What it was taken for, in words; empty where that is not known.
    """

    joints: dict[str, int | None] = field(default_factory=dict)
    taken: bool = False
    count: int = 0
    told: str = ""


class Findings:
    """Takes down what is odd, and says what to do about it.

    Args:
        answers: What the maintainer chose.
        file: What to call the file in a refusal.
        refusing: Whether a kind that is to cancel the import ends the reading. A first pass goes
            on, so that all kinds are seen.
    """

    def __init__(
        self, answers: Answers | None = None, *, file: str = "", refusing: bool = True
    ) -> None:
        self._answers = answers or Answers()
        self._file = file
        self._refusing = refusing
        self._found: dict[Odd, Found] = {}
        self.skeletons: dict[str, MetSkeleton] = {}
        """Skeletons that were met, by the label that choices name them with."""

    def name(self, file: str) -> None:
        """Say what to call the file, once that is known."""
        self._file = file

    def met(
        self, of: str, names: Sequence[str], found: SkeletonMap | None, *, partial: bool
    ) -> None:
        """Take down a skeleton and what its joints become.

        Args:
            of: Its label; empty where it has none.
            names: Its joints.
            found: The map that is used, or None.
            partial: Whether these are only the joints that one person has placed.
        """
        told = self.skeletons.setdefault(of, MetSkeleton())
        coco = found.coco if found is not None else (None,) * len(names)
        for name, joint in zip(names, coco, strict=False):
            told.joints[name] = joint
        told.taken = told.taken or found is not None
        told.count += 1
        if found is not None:
            told.told = "joints by their names" if partial else found.title

    def odd(
        self,
        kind: Odd,
        where: str = "",
        detail: str = "",
        *,
        image: str | None = None,
        annotation: int | str | None = None,
        count: int = 1,
    ) -> Answer:
        """Take down one oddity; returns what to do about it.

        Raises:
            InvalidInput: the maintainer wants the import refused for it.
        """
        found = self._found.get(kind)
        if found is None:
            found = self._found[kind] = Found(kind, self._answers.of(kind))
        found.count += count
        if len(found.places) < MAX_PLACES:
            found.places.append(Place(where, image, annotation, detail[:_MAX_DETAIL]))
        if found.answer is Answer.CANCEL and self._refusing:
            fault = f"{ODD_RULES[kind].title} ({found.places[-1]}); you chose to refuse such files"
            named = f"{self._file}: {fault}." if self._file else f"{fault}."
            raise InvalidInput(named, file=self._file or None, fault=fault, kind=kind.value)
        return found.answer

    def __iter__(self) -> Iterator[Found]:
        """The kinds that were met, in the order of ``Odd``."""
        return iter([self._found[kind] for kind in Odd if kind in self._found])

    def count(self, kind: Odd) -> int:
        """How often a kind was met."""
        found = self._found.get(kind)
        return found.count if found else 0


@dataclass(frozen=True, slots=True)
class Spot:
    """The element at hand, and where it stands."""

    findings: Findings
    where: str
    image: str | None = None
    annotation: int | str | None = None

    def odd(self, kind: Odd, part: str = "", detail: str = "") -> Answer:
        """Take down that something of this element is odd; returns what to do about it."""
        return self.findings.odd(
            kind, f"{self.where}{part}", detail, image=self.image, annotation=self.annotation
        )


def shown(value: object) -> str:
    """A value for people, cut short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
