"""``infantnet tools convert``: labels of one format for another tool."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import print_json, say
from backend.cli.stop import Exit, Stop
from backend.core.archives import MAX_BYTES, ArchiveFault, read_npz
from backend.domain.errors import InvalidInput
from backend.domain.oddities import Answer, Answers, Odd
from backend.domain.pixels import COCO_JOINTS, OutsideJoints, PixelRule
from backend.publishing.formats.body_parameters import BODY_FORMATS, body_format_of_file
from backend.publishing.formats.coco import CocoChoices
from backend.publishing.formats.convert import Converted
from backend.publishing.formats.convert import convert as convert_file
from backend.publishing.formats.detect import detect
from backend.publishing.formats.reading import ReadOptions
from backend.publishing.formats.registry import INTERCHANGE, Interchange, interchange_of
from backend.publishing.formats.tracks.layout import tracks_of
from backend.publishing.formats.tracks.pack import (
    TRACK_FORMATS,
    TrackFormat,
    files_of,
    notes,
    write_zip,
)
from backend.publishing.formats.writing import WriteOptions
from worker.calibration.texts import replace_file


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="File or folder to read.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="File or folder to write.")],
    reads: Annotated[
        str | None, typer.Option("--from", help="Its format; by default told by its content.")
    ] = None,
    writes: Annotated[
        str | None, typer.Option("--to", help="The new format; by default told by the name of OUT.")
    ] = None,
    images: Annotated[
        Path | None,
        typer.Option("--images", help="Folder of the images, for their sizes and to copy them."),
    ] = None,
    size: Annotated[
        str | None, typer.Option("--size", metavar="WxH", help="Size of all images, in pixels.")
    ] = None,
    skeleton: Annotated[
        list[str] | None,
        typer.Option("--skeleton", metavar="[LABEL=]NAME", help="Which skeleton the joints are."),
    ] = None,
    infant: Annotated[
        str | None,
        typer.Option("--infant-category", metavar="LABEL", help="Label of the infants, or none."),
    ] = None,
    pixels: Annotated[
        PixelRule | None, typer.Option("--pixels", help="What the joints that are read count.")
    ] = None,
    pixels_out: Annotated[
        PixelRule, typer.Option("--pixels-out", help="What joints count in a COCO file.")
    ] = COCO_JOINTS,
    outside: Annotated[
        OutsideJoints, typer.Option("--outside", help="Joints beyond the border of their image.")
    ] = OutsideJoints.KEEP,
    odd: Annotated[
        list[str] | None,
        typer.Option("--odd", metavar="[KIND=]ANSWER", help="What to do about what is odd."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Convert labels of one tool for another; says what the new format cannot hold.

    \b
    Examples:
      infantnet tools convert annotations.xml people.json
      infantnet tools convert people.json dataset --to yolo --images images
      infantnet tools convert visit3.fits.npz bodies.npz --to 4d-humans
      infantnet tools convert visit3.fits.npz visit3.trc --to trc
      infantnet tools convert visit3.fits.npz visit3.zip --to c3d
    """
    bodies = reads in BODY_FORMATS or writes in BODY_FORMATS or writes in TRACK_FORMATS
    if bodies or source.suffix == ".npz":
        _bodies(source, target, reads, writes, force=force, as_json=as_json)
        return
    found = interchange_of(reads) if reads else interchange_of(detect(source))
    wanted = interchange_of(writes) if writes else _by_name(target)
    converted = convert_file(
        source,
        target,
        reads=found,
        writes=wanted,
        reading=ReadOptions(
            CocoChoices(_answers(odd or []), _skeletons(skeleton or []), _infant(infant), pixels),
            images=images,
            size=_size(size),
        ),
        writing=WriteOptions(
            source.name if source.is_dir() else source.stem,
            pixels=pixels_out,
            outside=outside,
            scratch=target.parent,
        ),
        replacing=force,
    )
    _report(converted, found, wanted, target, as_json=as_json)


def _bodies(
    source: Path,
    target: Path,
    reads: str | None,
    writes: str | None,
    *,
    force: bool,
    as_json: bool,
) -> None:
    """Body parameters from one layout to another."""
    if reads is None and source.is_file() and source.suffix != ".npz":
        raise Stop(
            f"{source.name} is no .npz file: {writes} is written from body parameters, not from"
            " joints in images. Name their layout with --from if the file has another name."
        )
    written_formats = [f.name for f in BODY_FORMATS.values() if f.write] + list(TRACK_FORMATS)
    if track := TRACK_FORMATS.get(writes or ""):
        _motion(source, target, track, force=force, as_json=as_json)
        return
    wanted = BODY_FORMATS.get(writes or "")
    if wanted is None or wanted.write is None:
        known = ", ".join(written_formats)
        raise Stop(
            f"Name the layout of the bodies in {target.name} with --to: {known}.", Exit.USAGE
        )
    if target.exists() and not force:
        raise Stop(f"{target}: there is something already; name a new one, or --force.")
    if reads is not None and reads not in BODY_FORMATS:
        raise Stop(f"--from {reads}: bodies come as {', '.join(BODY_FORMATS)}.", Exit.USAGE)
    found = BODY_FORMATS[reads] if reads else body_format_of_file(source)
    data = BytesIO()
    written = wanted.write(found.read(source), data)
    replace_file(target, data.getvalue())
    if as_json:
        told = {"from": found.name, "to": wanted.name, "images": written.images}
        print_json({**told, "bodies": written.fits, "lost": list(written.notes)})
        return
    for line in written.notes:
        say(line)
    print(f"{target}: {written.fits:,} bodies, from {found.title} to {wanted.title}")


def _motion(source: Path, target: Path, wanted: TrackFormat, *, force: bool, as_json: bool) -> None:
    """Body fits as motions: an archive with all files, or the only motion's filtered one."""
    if target.exists() and not force:
        raise Stop(f"{target}: there is something already; name a new one, or --force.")
    try:
        arrays = read_npz(source, MAX_BYTES)
    except (FileNotFoundError, ArchiveFault) as error:
        raise InvalidInput(
            f"{source.name} cannot be read as .npz ({error}).", file=source.name, fault=str(error)
        ) from error
    tracks = tracks_of(arrays, source.name)
    files = files_of(wanted, tracks)
    data = BytesIO()
    if target.suffix.casefold() == ".zip":
        write_zip(files, data)
    else:
        plain = [name for name in files if name != "README.txt" and ".raw." not in name]
        if len(plain) != 1:
            raise Stop(
                f"{source.name} gives {len(plain)} files: name an archive, such as"
                f" {target.with_suffix('.zip').name}."
            )
        data.write(files[plain[0]])
    replace_file(target, data.getvalue())
    if as_json:
        print_json({"to": wanted.name, "files": list(files), "lost": list(notes(tracks))})
        return
    for line in notes(tracks):
        say(line)
    print(f"{target}: {len(tracks)} motions as {wanted.title}")


def _report(
    done: Converted, found: Interchange, wanted: Interchange, target: Path, *, as_json: bool
) -> None:
    written = done.written
    if as_json:
        print_json(
            {
                "from": found.name,
                "to": wanted.name,
                "images": written.images,
                "people": written.annotations,
                "read": list(done.read),
                "odd": [
                    {
                        "kind": odd.kind.value,
                        "count": odd.count,
                        "answer": odd.answer.value,
                        "places": [str(place) for place in odd.places],
                    }
                    for odd in done.found
                ],
                "lost": list(written.notes),
            }
        )
        return
    for line in (*done.read, *map(str, done.found), *written.notes):
        say(line)
    print(
        f"{target}: {written.images:,} images, {written.annotations:,} people,"
        f" from {found.title} to {wanted.title}"
    )


def _by_name(target: Path) -> Interchange:
    fitting = [f for f in INTERCHANGE.values() if f.suffix == target.suffix.casefold()]
    first = [f for f in fitting if f.name == "coco"] or fitting
    if not target.suffix or len(first) != 1:
        known = ", ".join(f.name for f in INTERCHANGE.values() if f.write or f.write_folder)
        raise Stop(f"Name the format of {target.name} with --to: {known}.", Exit.USAGE)
    return first[0]


def _answers(odd: list[str]) -> Answers:
    chosen: dict[Odd, Answer] = {}
    otherwise: Answer | None = None
    for text in odd:
        kind, _, answer = text.rpartition("=")
        if answer not in set(Answer) or (kind and kind not in set(Odd)):
            known = ", ".join(Answer)
            raise Stop(f"--odd {text}: KIND=ANSWER or ANSWER is wanted, of {known}.", Exit.USAGE)
        if kind:
            chosen[Odd(kind)] = Answer(answer)
        else:
            otherwise = Answer(answer)
    return Answers(chosen, otherwise)


def _skeletons(texts: list[str]) -> dict[str, str]:
    pairs = [text.rpartition("=") for text in texts]
    return {label or "*": name for label, _, name in pairs}


def _infant(name: str | None) -> str | None:
    return "" if name == "none" else name


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch(r"([1-9]\d{0,5})[x×]([1-9]\d{0,5})", text)
    if match is None:
        raise Stop(f"--size {text}: width and height are wanted, such as 1920x1080.", Exit.USAGE)
    return int(match[1]), int(match[2])
