"""What a COCO file is about: its images, its categories, and how its annotations are written.

The members of a file come in any order, so the whole file is looked through once before the first
person is read: categories usually stand behind the annotations that they explain.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from backend.domain.infants import PersonRole, RoleChoice, category_roles, chosen_roles
from backend.domain.oddities import Answer, Odd
from backend.domain.skeleton_maps import (
    SKELETONS,
    Recognised,
    Told,
    map_by_names,
    numbered,
    recognise,
)
from backend.publishing.formats.chosen_labels import EVERY, fault_of_labels
from backend.publishing.formats.coco import NAMESPACE, CocoCategory, CocoChoices, CocoImage, Key
from backend.publishing.formats.coco_elements import joint_names, read_image, read_key, usual_image
from backend.publishing.formats.coco_joints import Notation
from backend.publishing.formats.coco_kept import KeptAnnotations, blocks_of
from backend.publishing.formats.coco_places import category_members
from backend.publishing.formats.coco_seen import SeenAnnotations, SeenPlaces
from backend.publishing.formats.coco_skeletons import changed, kind_of
from backend.publishing.formats.findings import Fault, Findings, Spot, shown
from backend.publishing.formats.foreign import advice_for_json
from backend.publishing.formats.json_stream import JsonStream

_FEW_OCCLUDED: Final = 10
"""With fewer occluded joints than this in the whole file, none being visible is no wonder."""


@dataclass(slots=True)
class CocoHead:
    """Everything of a file but its annotations.

    Attributes:
        results: A list of results: no images are listed, ids name them.
        root_is_list: Whether the file is one array.
        info: The file's ``info``.
        licenses: The file's ``licenses``.
        images: By id, in the order of the file.
        same_image: Ids of images listed twice, and the id that stands for them.
        dropped_images: Ids of images that were left out; their annotations go with them.
        categories: By id, in the order of the file.
        notation: How joints are written.
        with_joints: Annotations that have a ``keypoints`` member that is not empty.
        labelled: Those of them that mark a joint as labelled and do not stand for a crowd.
        places: What the joints tell of how they are counted.
        repeated_ids: Ids that several annotations have.
    """

    results: bool = False
    root_is_list: bool = False
    info: Mapping[str, Any] = field(default_factory=dict)
    licenses: list[Mapping[str, Any]] = field(default_factory=list)
    images: dict[Key, CocoImage] = field(default_factory=dict)
    same_image: dict[Key, Key] = field(default_factory=dict)
    dropped_images: set[Key] = field(default_factory=set)
    categories: dict[Key, CocoCategory] = field(default_factory=dict)
    notation: Notation = field(default_factory=Notation)
    with_joints: int = 0
    labelled: int = 0
    places: SeenPlaces = field(default_factory=SeenPlaces)
    repeated_ids: set[Key] = field(default_factory=set)


def read_head(
    stream: JsonStream, choices: CocoChoices, findings: Findings
) -> tuple[CocoHead, KeptAnnotations]:
    """Look through a file; its annotations are kept for the second look.

    Raises:
        JsonFault: the text is no JSON.
        Fault: it is no COCO keypoint file; the words name what it is, where that is known.
    """
    return _HeadReader(choices, findings).read(stream)


class _HeadReader:
    def __init__(self, choices: CocoChoices, findings: Findings) -> None:
        self.choices = choices
        self.findings = findings
        self.head = head = CocoHead()
        self.kept = KeptAnnotations()
        silent = Spot(Findings(choices.answers, refusing=False), "")
        self.seen = SeenAnnotations(head.images, head.places, head.repeated_ids, silent)
        self.names: dict[str, Key] = {}
        self.elements: dict[Key, Mapping[str, Any]] = {}
        self.members: dict[str, Any] = {}

    def read(self, stream: JsonStream) -> tuple[CocoHead, KeptAnnotations]:
        if stream.root() == "array":
            self.head.root_is_list = True
            self._annotations(self._watched("", stream.elements()), "")
        elif stream.root() == "object":
            self._object(stream)
        else:
            raise Fault("", "this is not a JSON file")
        if not self.head.results and self.members.get("images") is None:
            raise self._no_coco("images: the list is empty")
        self._categories()
        self.head.places.join(self.head.same_image)
        return self.head, self.kept

    def _object(self, stream: JsonStream) -> None:
        no_array: list[str] = []
        for key, value in stream.members():
            if not isinstance(value, Iterator):
                self.members[key] = value
                if key in ("images", "annotations", "categories"):
                    no_array.append(key)
            elif key == "images":
                self._images(self._watched(key, value))
            elif key == "annotations":
                self._annotations(self._watched(key, value), key)
            elif key == "categories":
                for i, element in enumerate(self._watched(key, value)):
                    self._category(element, Spot(self.findings, f"categories[{i}]"))
            elif key == "licenses":
                self.head.licenses = [entry for entry in value if isinstance(entry, dict)]
                self.members[key] = None
            else:
                deque(self._watched(key, value), maxlen=0)
        if no_array:
            raise self._no_coco(f"{no_array[0]}: an array was expected")
        missing = {"images", "annotations"} - self.members.keys()
        if missing == {"images"} and self.head.with_joints:
            self._becomes_results()
        elif missing:
            raise self._no_coco(
                f"this is not a COCO keypoint file: {' and '.join(sorted(missing))} missing"
            )
        info = self.members.get("info")
        self.head.info = info if isinstance(info, dict) else {}

    def _watched(self, name: str, elements: Iterable[Any]) -> Iterator[Any]:
        """The same elements; the first is kept, for telling what the file is."""
        self.members[name] = None
        for i, element in enumerate(elements):
            if i == 0:
                self.members[name] = element
                if name == "" and not _is_result(element):
                    raise self._no_coco("this is a list, but not one of COCO results")
            yield element

    def _no_coco(self, fault: str) -> Fault:
        return Fault("", advice_for_json(self.members) or fault)

    # Images

    def _images(self, elements: Iterable[Any]) -> None:
        twice: dict[Key, CocoImage] = {}
        head = self.head
        for i, element in enumerate(elements):
            where = f"images[{i}]"
            image = usual_image(element) or read_image(element, Spot(self.findings, where))
            if image is None:
                continue
            known = head.images.get(image.id) or twice.get(image.id)
            if known is None and image.file_name not in self.names:
                head.images[image.id] = image
                self.names[image.file_name] = image.id
                continue
            spot = Spot(self.findings, where, image.file_name)
            if known is not None and known.file_name == image.file_name:
                spot.odd(Odd.IMAGE_REPEATED, ".id", f"{image.id} again")
                continue
            if known is not None:
                spot.odd(Odd.IMAGE_ID_TWICE, ".id", f"{image.id} is also {known.file_name}")
                twice[image.id] = known
                continue
            first = self.names[image.file_name]
            detail = f"ids {first} and {image.id}"
            if spot.odd(Odd.IMAGE_NAME_TWICE, ".file_name", detail) is Answer.MAP:
                head.same_image[image.id] = first
            else:
                head.dropped_images.add(image.id)
        for key in twice:
            head.images.pop(key, None)
            head.dropped_images.add(key)

    def _becomes_results(self) -> None:
        detail = "image ids stand for the images"
        self.head.results = self.findings.odd(Odd.RESULTS_LIST, "", detail) is Answer.MAP
        if not self.head.results:
            raise Fault("", "the file lists no images")

    # Annotations

    def _annotations(self, elements: Iterator[Any], name: str) -> None:
        self.kept.name = name
        for block in blocks_of(elements):
            self.seen.note(block)
            self.kept.add(block)
        joints = self.seen.joints
        self.head.with_joints, self.head.labelled = joints.with_joints, joints.labelled
        if not name:
            if not self.head.with_joints:
                raise self._no_coco("the list of results holds no joints")
            self._becomes_results()

    # Categories

    def _category(self, element: Any, spot: Spot) -> None:
        if not isinstance(element, dict):
            spot.odd(Odd.CATEGORY_UNREADABLE, "", f"{shown(element)} is not an object")
            return
        key = read_key(element.get("id"), spot, ".id")
        if key is None:
            spot.odd(Odd.CATEGORY_UNREADABLE, ".id", shown(element.get("id")))
        elif key not in self.elements:
            self.elements[key] = element
        elif self.elements[key] != element:
            spot.odd(Odd.CATEGORY_TWICE, ".id", f"{key} is also {self.elements[key].get('name')!r}")

    def _categories(self) -> None:
        head = self.head
        if head.results:
            head.images = {
                key: CocoImage(key, key if isinstance(key, str) else "") for key in self.seen.images
            }
        unlisted = not self.elements
        if unlisted:
            self.elements = {key: {} for key in self.seen.lengths}
        for i, (key, element) in enumerate(self.elements.items()):
            spot = Spot(self.findings, "" if unlisted else f"categories[{i}]")
            head.categories[key] = self._recognised(key, element, spot)
        if not any(c.joints for c in head.categories.values()) and not head.with_joints:
            raise self._no_coco("categories: none has keypoints")
        _require_labels(head.categories, self.choices)
        head.categories = _with_roles(head.categories, self.choices)
        notation = Notation(
            scores=head.results and head.root_is_list,
            corner_boxes=self.seen.corners[True] > 0 and not self.seen.corners[False],
            own=NAMESPACE in head.info,
        )
        joints = self.seen.joints
        if not head.results and joints.ones >= _FEW_OCCLUDED and not joints.other_marks:
            detail = f"{joints.ones:,} joints with 1, none with 2"
            never = self.findings.odd(Odd.VISIBILITY_NEVER_SEEN, "annotations", detail)
            notation = replace(notation, occluded_is_seen=never is Answer.MAP)
        head.notation = notation

    def _recognised(self, key: Key, element: Mapping[str, Any], spot: Spot) -> CocoCategory:
        name = element.get("name")
        supercategory = element.get("supercategory")
        category = CocoCategory(
            id=key,
            name=name if isinstance(name, str) and name.strip() else "person",
            supercategory=supercategory if isinstance(supercategory, str) else "",
            members=category_members(element),
        )
        names = joint_names(element.get("keypoints"))
        lengths = self.seen.lengths.get(key, Counter())
        count = len(names) if names else lengths.most_common(1)[0][0] if lengths else 0
        if not count:
            return category
        recognised = self._chosen(category, names, count) or recognise(names, count)
        if changes := self.choices.changes(str(key), category.name):
            recognised = changed(recognised, names, count, changes)
        people = lengths.total()
        taken = not people or self._accepted(category, recognised, names, count, spot)
        return replace(
            category,
            told=recognised.told,
            map=recognised.map,
            taken=taken and recognised.map is not None,
            joints=count,
            names=tuple(names or numbered(count)),
            alternatives=recognised.alternatives,
            people=people,
        )

    def _chosen(
        self, category: CocoCategory, names: list[str] | None, count: int
    ) -> Recognised | None:
        """The skeleton that the maintainer chose, if there is such a choice for the category."""
        chosen = self.choices.skeletons
        found = recognise(names, count)
        wanted = chosen.get(str(category.id)) or chosen.get(category.name)
        if wanted is None and found.told not in (Told.COCO, Told.NAMES):
            wanted = chosen.get(EVERY)
        if wanted is None:
            return None
        if wanted == "by_names":
            named = map_by_names(names or [])
            if not any(joint is not None for joint in named.coco):
                raise Fault("", f"category {category.name!r} has no joint that COCO has")
            return Recognised(Told.CHOICE, named, found.alternatives)
        skeleton = SKELETONS.get(wanted)
        if skeleton is None:
            raise Fault("", f"there is no skeleton {wanted!r}; known: {', '.join(SKELETONS)}")
        if len(skeleton.joints) != count:
            raise Fault(
                "",
                f"skeleton {wanted} has {len(skeleton.joints)} joints, category"
                f" {category.name!r} has {count}",
            )
        return Recognised(Told.CHOICE, skeleton, found.alternatives)

    def _accepted(
        self,
        category: CocoCategory,
        found: Recognised,
        names: list[str] | None,
        count: int,
        spot: Spot,
    ) -> bool:
        """Take down what is odd about a category's skeleton; whether its people are taken."""
        if found.told in (Told.COCO, Told.CHOICE):
            return True
        if found.map is None:
            some = ", ".join(names[:6]) if names else "no names"
            spot.odd(
                Odd.SKELETON_UNKNOWN, ".keypoints", f"{category.name}: {count} joints ({some})"
            )
            return False
        kind = kind_of(found, names)
        if kind is Odd.JOINTS_UNNAMED and self.head.results:
            return True
        detail = f"{category.name}: {found.map.title}"
        if kind in (Odd.OTHER_SKELETON, Odd.SKELETON_BY_COUNT):
            for word, joints in (("dropped", found.map.dropped), ("absent", found.map.absent)):
                more = f" and {len(joints) - 4} more" if len(joints) > 4 else ""
                detail += f"; {word}: {', '.join(joints[:4])}{more}" if joints else ""
        return spot.odd(kind, ".keypoints", detail) is Answer.MAP


def _is_result(element: Any) -> bool:
    return isinstance(element, dict) and "image_id" in element and "keypoints" in element


def _require_labels(categories: Mapping[Key, CocoCategory], choices: CocoChoices) -> None:
    """Refuse choices for categories that the file has not."""
    labels = {name for key, c in categories.items() for name in (c.name, str(key))}
    if fault := fault_of_labels(choices, labels, labels):
        raise Fault("", fault)
    every = choices.skeletons.get(EVERY)
    with_joints = [c for c in categories.values() if c.joints]
    used = any(c.told is Told.CHOICE or (c.map and c.map.name == every) for c in with_joints)
    if every is not None and with_joints and not used:
        raise Fault(
            "",
            f"skeleton {every} was chosen, but the names of all joints tell another; to read them"
            f" as {every} all the same, name the category: {with_joints[0].name}={every}",
        )


def _with_roles(
    categories: Mapping[Key, CocoCategory], choices: CocoChoices
) -> dict[Key, CocoCategory]:
    """The categories with what their names, or the maintainer, say of their people."""
    people = {
        key: choices.people.get(str(key)) or choices.people.get(c.name)
        for key, c in categories.items()
    }
    chosen_people = {key: choice for key, choice in people.items() if choice is not None}
    categories = {
        key: replace(c, taken=c.taken and people[key] is not RoleChoice.SKIP)
        for key, c in categories.items()
    }
    infant = choices.infant
    named = {key: c.name for key, c in categories.items() if c.taken and c.people}
    if infant is None:
        roles = category_roles(named)
    elif not infant:
        roles = dict.fromkeys(named, PersonRole.UNCLEAR)
    else:
        chosen = next((k for k, c in categories.items() if infant in (c.name, str(c.id))), None)
        if chosen is None:
            known = ", ".join(c.name for c in categories.values())
            raise Fault("", f"there is no category {infant!r}; the file has {known}")
        roles = {key: PersonRole.INFANT if key == chosen else PersonRole.OTHER for key in named}
    if chosen_people:
        roles = chosen_roles(roles, chosen_people)
    return {key: replace(c, role=roles.get(key, c.role)) for key, c in categories.items()}
