"""The datasheet of a release, and its description for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from backend.publishing.releases import datasheet_numbers
from backend.publishing.releases.about import About
from backend.publishing.releases.fits import BodyUsed
from backend.publishing.releases.publishing import WrittenFile
from backend.publishing.releases.settings import ImageCoding, Images, Masks

# The context that Croissant 1.0 asks for (docs.mlcommons.org/croissant).
_CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_MEDIA_TYPES = {
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".md": "text/markdown",
    ".cff": "application/yaml",
    ".npz": "application/zip",
}
_RECORDS = {
    "images": ("id", "file_name", "width", "height"),
    "annotations": ("id", "image_id", "keypoints", "bbox", "area"),
}
_TEXT, _NUMBER, _WHOLE = "sc:Text", "sc:Float", "sc:Integer"
_TYPES = {
    "id": _WHOLE, "file_name": _TEXT, "width": _WHOLE, "height": _WHOLE, "image_id": _WHOLE,
    "keypoints": _NUMBER, "bbox": _NUMBER, "area": _NUMBER,
}  # fmt: skip


def croissant(about: About, files: Sequence[WrittenFile]) -> bytes:
    """Croissant 1.0 metadata, as ``mlcroissant`` reads it.

    Args:
        about: The release.
        files: What is written so far.
    """
    listed = [file for file in files if not file.path.startswith(("images/", "masks/"))]
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": about.name,
        "description": " ".join(
            [
                about.description or about.title,
                *(line.removeprefix("- ") for line in made_up(about)),
            ]
        ),
        "version": about.version,
        "license": about.licence,
        "url": _address(about.contact),
        "creator": {"@type": "sc:Organization", "name": about.contact},
        "citeAs": about.citation or f"{about.title}, version {about.version}",
        "datePublished": about.created.date().isoformat(),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": file.path,
                "name": file.path,
                "contentUrl": file.path,
                "contentSize": f"{file.bytes} B",
                "encodingFormat": _media_type(file.path),
                "sha256": file.sha256,
            }
            for file in listed
        ],
        "recordSet": [_records(split, kind) for split in about.splits for kind in _RECORDS],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n"


def _address(contact: str) -> str:
    """A contact as the address that a page can link to; an e-mail address is none by itself."""
    return f"mailto:{contact}" if "@" in contact and ":" not in contact else contact


def coding_words(about: About) -> str:
    """How the images are coded."""
    packaging = about.packaging
    by = ", ".join(f"{name} {version}" for name, version in sorted(about.coders.items()))
    if packaging.coding is ImageCoding.STORED:
        if packaging.images is not Images.MASKED:
            return "Coded as they were stored."
        return f"Coded as they were stored; those with a masked head are coded anew (by {by})."
    if packaging.coding is ImageCoding.JPEG:
        return f"All are coded anew as JPEG, quality {packaging.jpeg_quality} (by {by})."
    return f"All are PNG; what was JPEG is coded anew without further loss (by {by})."


def bodies_words(bodies: Sequence[BodyUsed]) -> str:
    """Which body models the fits belong to, and on which terms these are to be had."""
    named = "; ".join(
        f"{body.name} (SHA-256 {body.sha256[:16]}…; {body.licence.strip().rstrip('.')})"
        for body in bodies
    )
    return f"Body model: {named}."


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def made_up(about: About) -> list[str]:
    """What was rendered or simulated, as items of a list; nothing where all is real."""
    told = about.made_up
    lines = []
    if told.rendered:
        lines.append(
            f"- {told.rendered} of {_count(told.recordings, 'recording')}"
            f" {'is' if told.rendered == 1 else 'are'} rendered by a computer: nobody was filmed."
        )
    if told.simulated:
        lines.append(
            f"- Pre-labels of {told.simulated} of {_count(told.recordings, 'recording')}, and masks"
            " where no model made them, are simulated from known truth; annotations say which."
        )
    return lines


def _consent(about: About) -> str:
    """How far families agreed, and what that rests on."""
    agreed = f"Every family agreed to {about.audience} use of the recordings"
    if about.on_file == about.infants:
        return f"{agreed}, with date and document on file."
    rest = about.infants - about.on_file
    of = "of the other" if about.on_file else "of all"
    return (
        f"{agreed}. Date and document are on file for {about.on_file} of"
        f" {_count(about.infants, 'infant')}; the consent {of} {rest} is what was noted when their"
        " recordings were imported."
    )


def _packaged(about: About) -> list[str]:
    packaging = about.packaging
    images = {
        Images.NONE: "Images are not part of it.",
        Images.STORED: f"Images show faces. {coding_words(about)}",
        Images.MASKED: f"Heads in images are masked. {coding_words(about)}",
    }[packaging.images]
    lines = [*made_up(about), f"- {images}"]
    if packaging.masks is Masks.FILES:
        lines.append("- Masks are run lengths in the annotations, and PNG files beside.")
    else:
        lines.append("- Masks are run lengths in the annotations.")
    if about.bodies:
        lines.append(
            f"- Body fits are those that an inspector verified. {bodies_words(about.bodies)}"
            " The model itself is not part of it."
        )
    else:
        lines.append("- There are no body fits in this release.")
    if packaging.cameras and about.calibrated:
        of = _count(about.made_up.recordings, "recording")
        lines.append(f"- Cameras are given for {about.calibrated} of {of}: those calibrated.")
    else:
        lines.append("- There are no cameras in this release.")
    return lines


def _beginnings(about: About) -> list[str]:
    """Of labels that began elsewhere, and of boxes that only a model made."""
    lines = []
    came = about.statistics.get("came_with_labels")
    if isinstance(came, dict) and came["recordings"]:
        lines.append(
            f"Labels of {came['recordings']} of {_count(about.made_up.recordings, 'recording')}"
            f" ({_count(came['frames'], 'frame')}) began in a file that came with the images; they"
            " were looked at here as all others. Joints that nobody changed are of that file."
        )
    approved = about.statistics.get("boxes_approved")
    frames = sum(frames for frames, _ in about.splits.values())
    if isinstance(approved, int):
        lines.append(
            "Every box was approved by an inspector."
            if approved == frames
            else f"An inspector approved {approved:,} of {_count(frames, 'box', 'boxes')}; a model"
            " made the others, which fit their joints and were not doubtful."
        )
    return ["", " ".join(lines)] if lines else []


def _media_type(path: str) -> str:
    return next((t for end, t in _MEDIA_TYPES.items() if path.endswith(end)), "text/plain")


def _records(split: str, kind: str) -> dict[str, Any]:
    name = f"{split}_{kind}"
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "key": {"@id": f"{name}/id"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{name}/{member}",
                "name": f"{name}/{member}",
                "dataType": _TYPES[member],
                "repeated": member in ("keypoints", "bbox"),
                "source": {
                    "fileObject": {"@id": f"annotations/{split}.json"},
                    "extract": {"jsonPath": f"$.{kind}[*].{member}"},
                },
            }
            | _refers(split, member)
            for member in _RECORDS[kind]
        ],
    }


def _refers(split: str, member: str) -> dict[str, Any]:
    """Which field of other records a member names, so that the two can be joined."""
    if member != "image_id":
        return {}
    return {"references": {"field": {"@id": f"{split}_images/id"}}}


def datasheet(about: About) -> str:
    """A datasheet after Gebru et al., "Datasheets for Datasets" (2021), as far as rows know it.

    What only people can answer stands there as a question until the dataset's description says it.
    The release's notes tell what changed since the version before.
    """
    table = about.statistics.get("table") or []
    rows: list[dict[str, Any]] = list(table) if isinstance(table, list) else []
    work = about.statistics.get("work")
    told: dict[str, Any] = work if isinstance(work, dict) else {}
    discards = about.statistics.get("discards")
    lines = [
        f"# Datasheet: {about.title} {about.version}",
        "",
        "## Motivation",
        "",
        about.description or "*To be answered by the makers: for what purpose was it made?*",
        "",
        "## Composition",
        "",
        "Each instance is an image of an infant with 17 joints (COCO), a box, and a mask where one"
        " was made" + (", and a body fit where one was verified." if about.bodies else "."),
        "",
        *_packaged(about),
        "",
        "| source | split | cameras | recordings | infants | raw frames | kept frames | fitted |",
        "|---|---|---|---|---|---|---|---|",
        *(
            f"| {r['source']} | {r['split']} | {r['cameras']} | {r['recordings']} | {r['infants']}"
            f" | {r['raw']:,} | {r['kept']:,} | {r['fitted']:,} |"
            for r in rows
        ),
        "",
        "Raw frames are those of the recordings of which frames were kept.",
        *(
            [
                "Discarded: "
                + ", ".join(
                    f"{str(reason).replace('_', ' ')} {n:,}" for reason, n in discards.items()
                )
                + "."
            ]
            if isinstance(discards, dict) and discards
            else []
        ),
        "",
        *datasheet_numbers.lines(about.statistics),
        "## Collection and labelling",
        "",
        f"{_count(told.get('annotators', 0), 'person', 'people')} annotated and"
        f" {told.get('inspectors', 0)} inspected, in up to"
        f" {_count(told.get('rounds') or 0, 'round')}. `provenance.parquet`, where it is there,"
        " says of every joint who or which model placed it.",
        *_beginnings(about),
        "",
        "## Consent and privacy",
        "",
        f"{_consent(about)} Infants are pseudonyms; metadata of images is stripped. `masking.json`,"
        " where it is there, says how heads were masked and what that rests on.",
        "",
        "## Uses, distribution, maintenance",
        "",
        f"Licence: {about.licence}. Contact: {about.contact}.",
        "",
        "What it is for, and for what it should not be used, is said under *Motivation*."
        if about.description
        else "*To be answered by the makers: for what should it not be used?*",
        "",
        *(["## What changed since the version before", "", about.notes, ""] if about.notes else []),
    ]
    return "\n".join(lines)
