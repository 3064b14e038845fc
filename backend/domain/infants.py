"""Which of the people of a label file is the infant, as far as its category names tell.

Datasets name the infant *infant*, *baby*, *newborn*, *child* … beside *caregiver*, *mother*,
*adult* …; *person* tells nothing. The name proposes, an annotator decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Mapping, Sequence
from enum import StrEnum
from typing import Final, TypeVar

Key = TypeVar("Key", bound=Hashable)


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


_INFANT_WORDS: Final[tuple[frozenset[str], ...]] = (
    _words_of(
    "infant infants baby babies newborn newborns neonate neonates preterm preterms"
    " suckling bebe bebes nourrisson saugling neugeborenes lactante neonato neonata"
) | {"赤ちゃん", "乳児", "新生児", "婴儿", "新生儿"},
    _words_of(
    "toddler toddlers"
),
    _words_of(
    "child children kid kids boy girl kind enfant nino nina bambino bambina"
)
    | {"子供", "儿童"},
)  # fmt: skip
"""From the surest word to the vaguest: beside an infant, a child is a sibling."""

_OTHER_WORDS: Final = _words_of(
    "caregiver caregivers carer caretaker adult adults mother mothers mom mum mummy"
    " mommy mama father fathers dad daddy papa parent parents grandmother grandma"
    " grandfather grandpa grandparent nanny nurse nurses doctor doctors midwife"
    " clinician therapist physiotherapist examiner experimenter assessor operator"
    " staff teacher sibling siblings brother sister man woman men women doll dolls toy"
    " other others crowd stranger bystander background hand hands mutter vater mere"
    " pere madre padre"
)


_PEOPLE_WORDS: Final = (
    frozenset().union(*_INFANT_WORDS)
    | (_OTHER_WORDS - _words_of("doll dolls toy other others background hand hands"))
    | _words_of("person persons people human humans")
)


class Apart(StrEnum):
    """Why somebody in an image cannot be the infant, and is kept apart."""

    CROWD = "crowd"
    NO_JOINTS = "no_joints"


class PersonRole(StrEnum):
    """What a category's name says of its people."""

    INFANT = "infant"
    OTHER = "other"
    UNCLEAR = "unclear"


class RoleChoice(StrEnum):
    """What a maintainer says of the people of one category."""

    INFANT = "infant"
    OTHER = "other"
    SKIP = "skip"
    """They are left out."""


class WhoIfUnclear(StrEnum):
    """Who is proposed as the infant in an image where no name tells."""

    ALONE = "alone"
    """Whoever is alone; of several people nobody."""

    SMALLEST = "smallest"
    """The smallest person: beside an adult an infant is."""

    LARGEST = "largest"
    """The largest person: whom the camera is held at."""

    NOBODY = "nobody"


def _words(name: str) -> set[str]:
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain)
    return set(re.findall(r"[^\W\d_]+", spaced.casefold())) | {
        unicodedata.normalize("NFC", name).strip()
    }


def _rank(name: str) -> int | None:
    """0 for the surest infant word, None without one; "the infant's mother" is no infant."""
    words = _words(name)
    if words & _OTHER_WORDS:
        return None
    return next((rank for rank, known in enumerate(_INFANT_WORDS) if words & known), None)


def names_people(name: str) -> bool:
    """Whether a category's name says that people are in it, and not things."""
    return bool(_words(name) & _PEOPLE_WORDS)


def category_roles(names: Mapping[Key, str]) -> dict[Key, PersonRole]:
    """What the names of a file's categories say of their people.

    Where some categories are named after an infant, those with the surest word are the infant and
    all others are not. Where none is, *adult*, *caregiver* … are other people and the rest is
    unclear.

    Args:
        names: Name by category. Give only those that people with joints belong to.
    """
    ranks = {key: _rank(name) for key, name in names.items()}
    best = min((rank for rank in ranks.values() if rank is not None), default=None)
    if best is not None:
        return {
            key: PersonRole.INFANT if rank == best else PersonRole.OTHER
            for key, rank in ranks.items()
        }
    return {
        key: PersonRole.OTHER if _words(name) & _OTHER_WORDS else PersonRole.UNCLEAR
        for key, name in names.items()
    }


def chosen_roles(
    roles: Mapping[Key, PersonRole], chosen: Mapping[Key, RoleChoice]
) -> dict[Key, PersonRole]:
    """Roles by name, where a maintainer has said otherwise of some.

    Who names the infants himself means those alone: all categories of which nothing was said are
    unclear no more.
    """
    told = {RoleChoice.INFANT: PersonRole.INFANT, RoleChoice.OTHER: PersonRole.OTHER}
    named = any(choice is RoleChoice.INFANT for choice in chosen.values())
    return {
        key: told.get(chosen[key], role) if key in chosen else PersonRole.OTHER if named else role
        for key, role in roles.items()
    }


def decided(
    roles: Sequence[PersonRole], areas: Sequence[float], rule: WhoIfUnclear
) -> list[PersonRole]:
    """Roles in one image, where a rule decides what names leave open.

    Args:
        roles: Of everybody who may be the infant.
        areas: Their sizes, square pixels.
        rule: What was chosen.
    """
    found = list(roles)
    open_ = [i for i, role in enumerate(roles) if role is PersonRole.UNCLEAR]
    if PersonRole.INFANT in roles or not open_ or rule is WhoIfUnclear.ALONE:
        return found
    chosen: int | None = None
    if rule is not WhoIfUnclear.NOBODY:
        pick = min if rule is WhoIfUnclear.SMALLEST else max
        chosen = pick(open_, key=lambda i: areas[i])
    for i in open_:
        found[i] = PersonRole.INFANT if i == chosen else PersonRole.OTHER
    return found


def proposed_infant(roles: Sequence[PersonRole]) -> int | None:
    """Whom to propose in one image: the one infant; without a named infant the one whom no name
    calls another.

    Args:
        roles: Of everybody who may be the infant, hence without crowds and people without joints.
            A file that names its infants gives INFANT and OTHER only.

    Returns:
        An index, or None where nobody or several fit.
    """
    fitting = [i for i, role in enumerate(roles) if role is PersonRole.INFANT] or [
        i for i, role in enumerate(roles) if role is PersonRole.UNCLEAR
    ]
    return fitting[0] if len(fitting) == 1 else None
