"""``infantnet tools check-splits``: whether the splits of a set of COCO files leak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from backend.cli.output import facts, print_json, progress, table
from backend.cli.stop import Exit, Stop
from backend.domain.errors import DomainError, InvalidInput, TooLarge
from backend.domain.quality import NEAR_DUPLICATE_DISTANCE
from backend.domain.splits.file_evidence import Meaning
from backend.domain.splits.near_duplicates import MAX_DISTANCE
from backend.publishing.leaks.checking import Options, check_leaks, merge_files
from backend.publishing.leaks.pictures import (
    MAX_IMAGE_BYTES,
    Picture,
    SplitPictures,
    image_roots,
    locate,
)
from backend.publishing.leaks.reading import NoCoco, SplitFile, read_apart, read_split_file
from backend.publishing.leaks.report import TITLES, Finding, LeakReport, Result
from backend.publishing.leaks.split_data import SplitData
from backend.publishing.leaks.split_files import SplitPath, find_split_files
from worker.media.frame import sha256_hex
from worker.media.images import decode_image
from worker.media.parallel import in_order, usable_cores
from worker.media.quality import measure

_SHOWN = 10
"""So many findings of a check are printed."""

_RESULTS = {
    Result.CLEAN: "none found",
    Result.LEAK: "LEAK",
    Result.SUSPECTED: "SUSPECTED",
    Result.NOT_CHECKED: "not checked",
}


def check_splits(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FOLDER_OR_FILES...", help="COCO files, or folders that hold them."),
    ] = None,
    split: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=PATH", help="Name the split of a file or folder."),
    ] = None,
    images: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Where images lie; else around the files."),
    ] = None,
    without_images: Annotated[
        bool, typer.Option("--without-images", help="Do not read image files.")
    ] = False,
    identity: Annotated[
        list[str] | None,
        typer.Option(metavar="MEMBER", help="This member names infants, such as person_id."),
    ] = None,
    video: Annotated[
        list[str] | None, typer.Option(metavar="MEMBER", help="This member names videos.")
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option(metavar="MEMBER", help="Do not use this member; file_name for file names."),
    ] = None,
    max_distance: Annotated[
        int,
        typer.Option(
            min=0, max=MAX_DISTANCE, help="Bits of 64 up to which images are near-duplicates."
        ),
    ] = NEAR_DUPLICATE_DISTANCE,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Look for infants, videos and images that are in two splits of a COCO set.

    Exit codes: 0 no leak found in what could be checked; 1 a leak, or what looks like one; 2 bad
    input, or nothing to compare.

    \b
    Examples:
      infantnet tools check-splits release-1.0.0/
      infantnet tools check-splits train.json test.json --images images/
      infantnet tools check-splits all.json
      infantnet tools check-splits --split train=a.json --split test=b.json --identity person_id
    """
    said = {
        **dict.fromkeys(identity or [], Meaning.IDENTITY),
        **dict.fromkeys(video or [], Meaning.VIDEO),
    }
    options = Options(tuple(said), tuple(ignore or []), max_distance)
    for folder in images or []:
        if not folder.is_dir():
            raise Stop(f"--images {folder}: there is no such folder.", Exit.USAGE)
    try:
        found = find_split_files(paths or [], _named(split or []))
        if not found:
            raise Stop("Name the files or folders to check.", Exit.USAGE)
        files, notes = _read(found, said, options)
        splits = merge_files([(entry.split, file) for entry, file in files])
        around = [*(images or []), *(path for path in paths or [] if path.is_dir())]
        pictures = None if without_images else _pictures(splits, files, around)
    except (InvalidInput, TooLarge) as error:
        raise Stop(error.message, Exit.USAGE) from error
    report = check_leaks(splits, pictures, options, notes)
    if as_json:
        print_json(report.to_json())
    else:
        _print(report)
    if report.result in (Result.LEAK, Result.SUSPECTED):
        raise typer.Exit(int(Exit.FAILED))
    if report.result is Result.NOT_CHECKED:
        raise typer.Exit(int(Exit.USAGE))


def _named(texts: Sequence[str]) -> dict[str, Path]:
    named: dict[str, Path] = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not (name.strip() and equals and path):
            raise Stop(f"--split {text}: write it as NAME=PATH.", Exit.USAGE)
        if name in named:
            raise Stop(f"--split {name} is given twice; put its files into one folder.", Exit.USAGE)
        named[name.strip()] = Path(path)
    return named


def _read(
    found: Sequence[SplitPath], said: Mapping[str, Meaning], options: Options
) -> tuple[list[tuple[SplitPath, SplitFile]], list[str]]:
    files: list[tuple[SplitPath, SplitFile]] = []
    notes: list[str] = []
    for entry in found:
        try:
            file = read_split_file(entry.path, entry.shown, extra=said, ignored=options.ignored)
        except NoCoco as error:
            if entry.chosen:
                raise
            notes.append(f"Passed over {entry.shown}: {error.fault}.")
            continue
        files.append((entry, file))
    alone = len({entry.split for entry, _ in files}) == 1
    taken: list[tuple[SplitPath, SplitFile]] = []
    for entry, file in files:
        inside = None if entry.named else file.inside
        if inside is None or not (inside.sure or alone):
            taken.append((entry, file))
            continue
        apart = read_apart(entry.path, entry.shown, inside, extra=said, ignored=options.ignored)
        taken += [(replace(entry, split=name), its) for name, its in apart.items()]
        notes += inside.notes(entry.shown)
    return taken, notes


def _pictures(
    splits: Sequence[SplitData],
    files: Sequence[tuple[SplitPath, SplitFile]],
    given: Sequence[Path],
) -> dict[str, SplitPictures]:
    where: dict[Path, list[tuple[str, int]]] = {}
    pictures = {split.name: SplitPictures() for split in splits}
    for split in splits:
        own = [entry.path for entry, _ in files if entry.split == split.name]
        roots = image_roots(given, own, split.name)
        for number, name in enumerate(split.names):
            path = locate(name, roots)
            if path is None:
                pictures[split.name].missing.append(number)
            else:
                where.setdefault(path, []).append((split.name, number))
    with progress("Reading images") as task:
        for done, (path, fact) in enumerate(_taken(list(where)), start=1):
            for name, number in where[path]:
                if isinstance(fact, Picture):
                    pictures[name].found[number] = fact
                    if fact.difference_hash is None:
                        pictures[name].unreadable[number] = "the image is damaged"
                else:
                    pictures[name].unreadable[number] = fact
            task.update(done, len(where))
    return pictures


def _taken(paths: Sequence[Path]) -> Iterator[tuple[Path, Picture | str]]:
    calls = (partial(_picture, path) for path in paths)
    yield from zip(paths, in_order(calls, usable_cores()), strict=True)


def _picture(path: Path) -> Picture | str:
    try:
        if path.stat().st_size > MAX_IMAGE_BYTES:
            return f"larger than {MAX_IMAGE_BYTES >> 20} MiB"
        data = path.read_bytes()
    except OSError as error:
        return error.strerror or "it cannot be read"
    sha256 = sha256_hex(data)
    try:
        return Picture(sha256, measure(decode_image(data, path.name).pixels).difference_hash)
    except DomainError:
        return Picture(sha256, None)


def _print(report: LeakReport) -> None:
    table(
        ("split", "images", "annotations", "files"),
        [(s.name, s.images, s.annotations, ", ".join(s.files)) for s in report.splits],
        "",
    )
    print()
    table(
        ("in two splits", "result", "found"),
        [(TITLES[c.kind], _RESULTS[c.result], c.found or "") for c in report.checks],
        "",
    )
    for check in report.checks:
        print(f"\n{TITLES[check.kind]}: {_RESULTS[check.result]}")
        facts([("  by", used) for used in check.used])
        for finding in check.findings[:_SHOWN]:
            print(f"  - {_line(finding)}")
        if check.found > _SHOWN:
            print(f"  … and {check.found - _SHOWN:,} more (--json lists up to 1,000)")
        for note in check.notes:
            print(f"  ! {note}")
    for note in report.notes:
        print(f"\nNote: {note}")
    print(f"\n{report.conclusion}")


def _line(finding: Finding) -> str:
    places = []
    for split, count in finding.splits.items():
        image = finding.examples.get(split)
        places.append(f"{split} {count:,}" + (f" ({image})" if image else ""))
    doubt = "" if finding.sure else "perhaps "
    return f"{doubt}{finding.by} {finding.what}: {', '.join(places)}"
