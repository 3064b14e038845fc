"""Sending images: a zip as it is, folders and single files packed into one."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path

from backend.cli.client import Api
from backend.cli.output import progress
from backend.cli.sending import send_file
from backend.cli.stop import Stop
from backend.domain.file_names import IMAGE_SUFFIXES


def send_images(api: Api, paths: list[Path]) -> int:
    """Send a zip as it is; pack folders and single images into one."""
    if len(paths) == 1 and paths[0].suffix.lower() == ".zip":
        return send_file(api, paths[0])
    return _packed(api, _find_images(paths), paths[0].stem or "images")


def send_folder(api: Api, folder: Path) -> int:
    """Pack all files of a folder of labels, and its images, and send them."""
    found = [
        (path, path.relative_to(folder).as_posix())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    ]
    if not found:
        raise Stop(f"{folder}: there is no file in it.")
    return _packed(api, found, folder.name or "labels")


def _packed(api: Api, found: list[tuple[Path, str]], name: str) -> int:
    with tempfile.TemporaryDirectory(prefix="infantnet-") as folder:
        archive = Path(folder) / f"{name}.zip"
        with progress("Packing files") as bar, zipfile.ZipFile(archive, "w") as packed:
            for done, (path, inside) in enumerate(found, start=1):
                # Images are compressed already: stored as they are, packing costs only a copy.
                packed.write(path, _writable(inside))
                bar.update(done, len(found))
        return send_file(api, archive)


def _writable(name: str) -> str:
    """A name that a zip can hold: bytes that are no UTF-8 as code page 437 reads them.

    The server finds out what such a name was meant to be, as with archives of other systems.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("cp437")
    return name


def _find_images(paths: list[Path]) -> list[tuple[Path, str]]:
    found: dict[str, Path] = {}
    for path in paths:
        if path.is_dir():
            inside = [
                (Path(folder) / file, (Path(folder) / file).relative_to(path).as_posix())
                for folder, _, files in os.walk(path)
                for file in files
            ]
        elif path.is_file():
            inside = [(path, path.name)]
        else:
            raise Stop(f"{path}: there is no such file or folder.")
        for file, name in sorted(inside, key=lambda entry: entry[1]):
            if file.suffix.lower() not in IMAGE_SUFFIXES:
                continue
            if name in found:
                raise Stop(f"Two images are called {name}: {found[name]} and {file}.")
            found[name] = file
    if not found:
        raise Stop(
            f"{', '.join(map(str, paths))}: no image in it ({', '.join(sorted(IMAGE_SUFFIXES))})."
        )
    return [(path, name) for name, path in found.items()]
