"""The first pass over a COCO file on a terminal: options, what is odd, and questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import typer

from backend.cli.client import Api
from backend.cli.output import say
from backend.cli.stop import Exit, Stop
from backend.cli.waiting import wait_for_job
from backend.domain.errors import InvalidInput
from backend.domain.infants import RoleChoice, WhoIfUnclear
from backend.domain.oddities import Answer, Answers, Odd
from backend.domain.orientation import LabelPixels
from backend.domain.pixels import PixelRule, RuleOrigin
from backend.domain.skeleton import JOINTS
from backend.domain.skeleton_maps import SKELETONS

_CHOICES = ", ".join(Answer)
_LETTERS = {answer.value[0]: answer.value for answer in Answer}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The options of a command.

    Attributes:
        odd: ``skip``, ``map`` or ``cancel`` for all kinds, or ``KIND=skip`` for one.
        skeletons: Name of a known skeleton, or ``CATEGORY=NAME``.
        joints: ``JOINT=COCO`` for all categories, or ``CATEGORY:JOINT=COCO``.
        people: ``CATEGORY=infant``, ``other`` or ``skip``.
        unclear: Who is proposed where nothing tells.
        infant_category: Name or id of a category; ``none`` for none of them.
        pixels: What joints count.
        exif: Which pixels the labels of photographs count that Exif turns.
        form: Name of the format.
    """

    odd: Sequence[str] = ()
    skeletons: Sequence[str] = ()
    joints: Sequence[str] = ()
    people: Sequence[str] = ()
    unclear: WhoIfUnclear = WhoIfUnclear.ALONE
    infant_category: str | None = None
    pixels: PixelRule | None = None
    exif: LabelPixels | None = None
    form: str | None = None


def read_choices(options: Chosen) -> dict[str, Any]:
    """The options of a command as the interface takes them.

    Raises:
        Stop: an option names something that there is not (code 2).
    """
    chosen: dict[str, str] = {}
    otherwise: str | None = None
    for text in options.odd:
        kind, equals, answer = text.rpartition("=")
        if answer not in set(Answer):
            raise Stop(f"--odd {text}: the answer must be one of {_CHOICES}.", Exit.USAGE)
        if not equals:
            otherwise = answer
        elif kind not in set(Odd):
            raise Stop(f"--odd {text}: there is no kind {kind}. Known: {', '.join(Odd)}.",
                       Exit.USAGE)  # fmt: skip
        else:
            chosen[kind] = answer
    try:
        Answers({Odd(kind): Answer(answer) for kind, answer in chosen.items()})
    except InvalidInput as error:
        raise Stop(f"--odd {error.message}", Exit.USAGE) from error
    maps: dict[str, str] = {}
    for text in options.skeletons:
        category, equals, name = text.rpartition("=")
        if name != "by_names" and name not in SKELETONS:
            known = ", ".join(("by_names", *SKELETONS))
            raise Stop(f"--skeleton {text}: there is no {name}. Known: {known}.", Exit.USAGE)
        maps[category if equals else "*"] = name
    infant = "" if options.infant_category == "none" else options.infant_category
    return {
        "odd": chosen,
        "otherwise": otherwise,
        "skeletons": maps,
        "infant_category": infant,
        "pixels": options.pixels.value if options.pixels else None,
        "exif": options.exif.value if options.exif else None,
        "joints": _joints(options.joints),
        "people": _people(options.people),
        "unclear": options.unclear.value,
        "format": options.form,
    }


def _joints(options: Sequence[str]) -> dict[str, dict[str, str]]:
    """What joints become, by category; ``*`` for all."""
    maps: dict[str, dict[str, str]] = {}
    for text in options:
        named, equals, coco = text.rpartition("=")
        category, colon, joint = named.rpartition(":")
        if not equals or not joint:
            raise Stop(f"--map {text}: JOINT=COCO is needed, such as snout=nose.", Exit.USAGE)
        if coco and coco not in JOINTS:
            raise Stop(
                f"--map {text}: COCO has no joint {coco}. It has {', '.join(JOINTS)}.", Exit.USAGE
            )
        maps.setdefault(category if colon else "*", {})[joint] = coco
    return maps


def _people(options: Sequence[str]) -> dict[str, str]:
    roles: dict[str, str] = {}
    for text in options:
        category, equals, role = text.rpartition("=")
        if not equals or role not in set(RoleChoice):
            raise Stop(
                f"--people {text}: CATEGORY=ROLE is needed; a role is one of"
                f" {', '.join(RoleChoice)}.",
                Exit.USAGE,
            )
        roles[category] = role
    return roles


def first_pass(api: Api, uploads: dict[str, Any], choices: dict[str, Any]) -> dict[str, Any]:
    """Let the server look through uploaded files; returns its report.

    Raises:
        Stop: the file is no COCO keypoint file, or the server cannot be reached.
    """
    job = api.post("/recordings/import/check", {**uploads, "choices": choices})
    job = wait_for_job(api, job)
    report: dict[str, Any] = api.get(f"/recordings/import/check/{job['id']}")["report"]
    return report


def describe(report: dict[str, Any]) -> list[str]:
    """A report as lines for people."""
    apart = f", {report['apart']:,} kept apart" if report["apart"] else ""
    lines = [
        f"{report['file']}: {report['images']:,} images become frames,"
        f" {report['people']:,} people become candidates{apart}.",
        f"Read as {report['title']}. Somebody is proposed as the infant in"
        f" {report['proposed']:,} frames, in {report['unclear']:,} nobody is (--unclear).",
    ]
    lines += [
        f"{video['frames']:,} frames of the video {video['name'] or 'without a name'}:"
        f" {'from ' + video['found'] if video['found'] else 'it was not sent'}."
        for video in report["videos"]
    ]
    lines += report["notes"]
    if report["names"]:
        lines += ["", "Images found by"]
    for names in report["names"]:
        lines.append(f"  {names['count']:>7,}  {names['title']}")
        if names["how"] not in ("exact", "number"):
            lines += [
                f"{'':12} {each['wanted']} → {each['found'] or '?'}" for each in names["examples"]
            ]
    lines += ["", "Categories"]
    for category in report["categories"]:
        lines += _category(category)
    lines += ["", "Pixels", f"  {report['pixels']['text']}"]
    if report["pixels"]["origin"] == RuleOrigin.ASSUMED.value:
        lines.append("  (--pixels index)")
    lines += [f"  {note}" for note in report["turned"]["notes"]]
    lines += [f"  not known: {example}" for example in report["turned"]["examples"]]
    if report["odd"]:
        lines += ["", "What is odd"]
    for odd in report["odd"]:
        lines += _odd(odd)
    if report["refused"]:
        lines += ["", f"Nothing can be imported: {report['refused']}"]
    return lines


def _category(category: dict[str, Any]) -> list[str]:
    if not category["joints"] and not category["people"]:
        return [f"  {category['name']} (id {category['id']}): no joints"]
    proposed = {"infant": ", proposed as the infant", "other": ", other people"}.get(
        category["role"] if category["taken"] else "", ""
    )
    taken = "" if category["taken"] else ", left out"
    lines = [
        f"  {category['name']} (id {category['id']}): {category['people']:,} people,"
        f" {category['skeleton'] or str(category['joints']) + ' joints, unknown'}{taken}{proposed}"
    ]
    plain = [joint["joint"] for joint in category["table"]]
    if plain == [joint["coco"] for joint in category["table"]]:
        return lines
    lines += [
        f"    {joint['joint']:<24} → {joint['coco'] or '(dropped: COCO has no such joint)'}"
        for joint in category["table"][:40]
    ]
    if len(category["table"]) > 40:
        lines.append(f"    … and {len(category['table']) - 40} more")
    if category["absent"]:
        lines.append(f"    absent: {', '.join(category['absent'])}")
    if not category["taken"] and category["alternatives"]:
        known = ", ".join(skeleton["name"] for skeleton in category["alternatives"])
        lines.append(f"    may be: {known} (--skeleton)")
    if not category["taken"] and category["table"]:
        lines.append("    its joints can be mapped one by one (--map JOINT=COCO)")
    return lines


def _odd(odd: dict[str, Any]) -> list[str]:
    offered = ", ".join(answer["answer"] for answer in odd["answers"])
    lines = [
        f"  {odd['title']}: {odd['amount']}",
        f"    --odd {odd['kind']}={odd['answer']}  ({offered}): {_does(odd, odd['answer'])}",
    ]
    for place in odd["places"][:3]:
        who = f"annotation {place['annotation']}" if place["annotation"] is not None else None
        named = ", ".join(part for part in (place["image"], who, place["where"]) if part)
        lines.append(f"      {named}: {place['detail']}" if place["detail"] else f"      {named}")
    return lines


def _does(odd: dict[str, Any], answer: str) -> str:
    return next(str(each["text"]) for each in odd["answers"] if each["answer"] == answer)


def ask(
    api: Api, uploads: dict[str, Any], choices: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Go through what a person should look at, until nothing is left to ask.

    Returns:
        The choices, and the report that they lead to.

    Raises:
        Stop: the person cancels, or nothing can be imported (code 1).
    """
    asked: set[str] = set()
    report = first_pass(api, uploads, choices)
    while True:
        for line in describe(report):
            say(line)
        changed = _ask_pixels(report, choices)
        for category in report["categories"]:
            changed |= _ask_skeleton(category, choices, asked)
        for odd in report["odd"]:
            if changed and odd["kind"] == Odd.SKELETON_BY_COUNT:
                continue
            if _open(odd, choices, asked):
                asked.add(odd["kind"])
                answer = _ask_odd(odd)
                changed |= answer != odd["answer"]
                choices["odd"][odd["kind"]] = answer
        if not changed:
            break
        report = first_pass(api, uploads, choices)
    if report["refused"]:
        raise Stop(f"Nothing can be imported: {report['refused']}")
    return choices, report


def _open(odd: dict[str, Any], choices: dict[str, Any], asked: set[str]) -> bool:
    """Whether a kind is still to be asked about."""
    told = odd["kind"] in choices["odd"] or choices["otherwise"] is not None
    return bool(odd["asks"]) and not told and odd["kind"] not in asked


def _ask_odd(odd: dict[str, Any]) -> str:
    say("")
    for line in _odd(odd)[:1] + _odd(odd)[2:]:
        say(line)
    for each in odd["answers"]:
        say(f"    [{each['answer'][0]}]{each['answer'][1:]}: {each['text']}")
    while True:
        text = typer.prompt("  What now?", default=odd["answer"], err=True).strip().casefold()
        answer = _LETTERS.get(text, text)
        if answer == Answer.CANCEL:
            raise Stop("Cancelled; nothing was imported.")
        if answer in [each["answer"] for each in odd["answers"]]:
            return str(answer)


def _ask_pixels(report: dict[str, Any], choices: dict[str, Any]) -> bool:
    """Ask what nothing in the file tells: which pixels labels count, and from where."""
    before = (choices["exif"], choices["pixels"])
    if report["turned"]["unknown"] and choices["exif"] is None:
        say(f"\n  {report['turned']['unknown']:,} photographs are rotated by Exif. A program that")
        say("  ignores Exif labels stored pixels; a browser and most viewers show upright ones.")
        choices["exif"] = _one_of("Which pixels are the labels in?", [*LabelPixels], None)
    if report["pixels"]["origin"] == RuleOrigin.ASSUMED and choices["pixels"] is None:
        say(f"\n  {report['pixels']['text']}")
        choices["pixels"] = _one_of(
            "What are joint coordinates measured from?", [*PixelRule], report["pixels"]["rule"]
        )
    return before != (choices["exif"], choices["pixels"])


def _one_of(question: str, offered: Sequence[str], default: str | None) -> str:
    words = " or ".join(offered)
    while True:
        text = typer.prompt(f"  {question} ({words})", default=default, err=True)
        if text.strip().casefold() in offered:
            return str(text).strip().casefold()


def _ask_skeleton(category: dict[str, Any], choices: dict[str, Any], asked: set[str]) -> bool:
    """Ask which skeleton a category has that only its number of joints tells."""
    key = f"skeleton {category['id']}"
    known = {skeleton["name"]: skeleton["title"] for skeleton in category["alternatives"]}
    if category["told"] != "count" or category["taken"] or not known or key in asked:
        return False
    asked.add(key)
    say(f"\n  {category['name']}: {category['joints']} joints without names. Known skeletons:")
    for name, title in known.items():
        say(f"    {name}: {title}")
    while True:
        text = typer.prompt("  Which one (or skip)?", default="skip", err=True).strip()
        if text == Answer.SKIP:
            choices["odd"][Odd.SKELETON_BY_COUNT.value] = Answer.SKIP.value
            return False
        if text in known:
            choices["skeletons"][category["key"]] = text
            return True
