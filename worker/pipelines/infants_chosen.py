"""Who is proposed as the infant where names leave it open: one rule for all labels."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace

from backend.domain.infants import PersonRole, WhoIfUnclear, decided, proposed_infant
from backend.labelling.annotations.found_people import FoundColumns
from backend.publishing.formats.coco import CocoAnnotation
from backend.publishing.formats.coco_people import PeopleColumns, sizes_of


def decide(people: Sequence[CocoAnnotation], rule: WhoIfUnclear) -> list[CocoAnnotation]:
    """The people of one image, where a rule decides about those whom no name tells."""
    if rule is WhoIfUnclear.ALONE:
        return list(people)
    able = [i for i, person in enumerate(people) if person.apart is None]
    roles = decided([people[i].role for i in able], [_size(people[i]) for i in able], rule)
    found = list(people)
    for i, role in zip(able, roles, strict=True):
        found[i] = replace(people[i], role=role)
    return found


def decided_columns(found: FoundColumns, rule: WhoIfUnclear) -> FoundColumns:
    """The same of the people of many images."""
    if rule is WhoIfUnclear.ALONE:
        return found
    roles, sizes = list(found.roles), sizes_of(found.boxes, found.joints)
    for people in found.by_frame().values():
        able = [i for i in people if found.aparts[i] is None]
        told = decided([roles[i] for i in able], [sizes[i] for i in able], rule)
        for i, role in zip(able, told, strict=True):
            roles[i] = role
    return replace(found, roles=roles)


def _size(person: CocoAnnotation) -> float:
    """Square pixels of a person's box, or of the extent of its joints."""
    if person.box is not None:
        return person.box.width * person.box.height
    joints = [joint for joint in person.skeleton.joints if joint.present]
    xs, ys = [joint.x for joint in joints], [joint.y for joint in joints]
    return (max(xs) - min(xs)) * (max(ys) - min(ys)) if joints else 0.0


@dataclass(slots=True)
class Tally:
    """Counts who would be proposed, while people go by.

    Attributes:
        rule: What was chosen where nothing tells.
        people: Who may be the infant.
        apart: Who may not.
    """

    rule: WhoIfUnclear
    people: int = 0
    apart: int = 0
    _images: dict[Hashable, list[tuple[PersonRole, float]]] = field(default_factory=dict)

    def add_columns(self, people: PeopleColumns) -> None:
        """Count people of images."""
        self.people += len(people)
        sizes = sizes_of(people.boxes, people.joints)
        for image, told in zip(people.images, zip(people.roles, sizes, strict=True), strict=True):
            self._images.setdefault(image, []).append(told)

    def add(self, image: Hashable, person: CocoAnnotation) -> None:
        """Count a person of an image."""
        if person.apart is not None:
            self.apart += 1
            return
        self.people += 1
        self._images.setdefault(image, []).append((person.role, _size(person)))

    @property
    def proposed(self) -> int:
        """In how many images somebody is proposed."""
        return sum(
            proposed_infant(decided([r for r, _ in told], [a for _, a in told], self.rule))
            is not None
            for told in self._images.values()
        )

    @property
    def unclear(self) -> int:
        """In how many images with people nobody is."""
        return len(self._images) - self.proposed
