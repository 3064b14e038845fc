"""``infantnet releases``: list the releases of datasets, and fetch one."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
from pathlib import Path
from typing import Annotated, Any

import typer

from backend.cli.client import Api
from backend.cli.common import Json, connect, group
from backend.cli.output import megabytes, print_json, progress, say, table
from backend.cli.stop import Stop
from backend.domain.errors import DomainError

app = group("Releases of datasets.")

SUMS = "SHA256SUMS"
SHARD_MEGABYTES = 1000

ShardMegabytes = Annotated[
    int, typer.Option("--shard-megabytes", min=1, help="Largest size of a shard.")
]


@app.command("list")
def list_releases(ctx: typer.Context, as_json: Json = False) -> None:
    """List all releases, newest first.

    \b
    Examples:
      infantnet releases list
    """
    with connect(ctx) as api:
        found = api.get("/releases")
    if as_json:
        print_json(found)
        return
    table(
        ("dataset", "version", "state", "audience", "frames", "content"),
        [
            (
                item["dataset"]["name"],
                item["version"],
                item["state"],
                item["audience"],
                "" if item["frames"] is None else f"{item['frames']:,}",
                (item["content_sha256"] or "")[:12],
            )
            for item in found
        ],
        "There is no release yet.",
    )


@app.command("pull")
def pull(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="DATASET@VERSION", help="Such as crawlers@1.0.0.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder to make the release's in.")
    ] = Path(),
    keep: Annotated[
        bool, typer.Option("--keep-archive", help="Keep the .tar beside the folder.")
    ] = False,
    shards: Annotated[
        bool, typer.Option("--shards", help="Write shards for training beside the folder.")
    ] = False,
    shard_megabytes: ShardMegabytes = SHARD_MEGABYTES,
) -> None:
    """Fetch a published release, check every file against its hash, and unpack it.

    A download that broke off goes on where it stopped. The folder appears once all is checked.

    \b
    Examples:
      infantnet releases pull crawlers@1.0.0 --out datasets
      infantnet releases pull crawlers@1.0.0 --shards
    """
    with connect(ctx) as api:
        release = find_release(api, name)
        folder = out / f"{release['dataset']['name']}-{release['version']}"
        beside = folder.with_name(f"{folder.name}-shards")
        for target in (folder, beside) if shards else (folder,):
            if target.exists():
                raise Stop(f"{target} is there already: move it away, or choose another --out.")
        out.mkdir(parents=True, exist_ok=True)
        part = out / f"{folder.name}.{release['content_sha256'][:12]}.tar.part"
        try:
            with progress(f"Fetching {folder.name}", in_bytes=True) as bar:
                api.download_rest(f"/releases/{release['id']}/archive.tar", part, bar.update)
            _unpack(part, folder, release["content_sha256"])
        except OSError as error:
            raise Stop(
                f"{folder.name} could not be written ({error}). What was fetched is kept in"
                f" {part.name}: mend this and pull again, it goes on from there."
            ) from error
    if keep:
        part.replace(out / f"{folder.name}.tar")
    else:
        part.unlink()
    say(f"{folder}: {release['files']} files, {megabytes(release['bytes'])}, all hashes right.")
    if shards:
        _shard(folder, beside, shard_megabytes)


@app.command("shards")
def shards(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="A release's folder, as pulled.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder to make; by default beside, ending in -shards."),
    ] = None,
    shard_megabytes: ShardMegabytes = SHARD_MEGABYTES,
) -> None:
    """Write a release's images and labels as shards for training (WebDataset). Needs no server.

    \b
    Examples:
      infantnet releases shards datasets/crawlers-1.0.0
      infantnet releases shards crawlers-1.0.0 --shard-megabytes 250
    """
    folder = folder.resolve()
    _shard(folder, out or folder.with_name(f"{folder.name}-shards"), shard_megabytes)


def _shard(folder: Path, out: Path, megabytes_each: int) -> None:
    from backend.publishing.releases.shards import write_shards

    try:
        with progress(f"Writing {out.name}") as bar:
            written = write_shards(
                folder,
                out,
                max_bytes=megabytes_each * 1_000_000,
                progress=lambda done: bar.update(done, None),
            )
    except DomainError as error:
        raise Stop(error.message) from error
    except OSError as error:
        raise Stop(f"The shards could not be written ({error}); nothing of them is kept.") from (
            error
        )
    for split, found in written.items():
        samples, size = sum(s.samples for s in found), sum(s.bytes for s in found)
        lots = "1 shard" if len(found) == 1 else f"{len(found):,} shards"
        many = "1 sample" if samples == 1 else f"{samples:,} samples"
        say(f"{split}: {many} in {lots}, {megabytes(size)}")
    say(f"{out} is written.")


def find_release(api: Api, name: str) -> dict[str, Any]:
    """A published release by ``dataset@version``; without a version the newest one.

    Raises:
        Stop: there is none, or it is not published.
    """
    dataset, _, version = name.partition("@")
    found = [item for item in api.get("/releases") if item["dataset"]["name"] == dataset]
    if not found:
        raise Stop(f"There is no dataset {dataset}. `infantnet releases list` shows what there is.")
    published = [item for item in found if item["state"] == "published"]
    for item in published if not version else found:
        if version in ("", item["version"]):
            if item["state"] != "published":
                raise Stop(f"{dataset} {version} is {item['state']}: it has no files to fetch.")
            return dict(item)
    known = ", ".join(item["version"] for item in published) or "none"
    raise Stop(f"{dataset} has no version {version}. Published: {known}.")


def _unpack(archive: Path, folder: Path, content_sha256: str) -> None:
    draft = folder.with_name(folder.name + ".unpacking")
    if draft.exists():  # of a pull that was ended
        shutil.rmtree(draft)
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(draft, filter="data")
    except (tarfile.TarError, EOFError) as error:
        archive.unlink()
        raise Stop(f"What was fetched is not a whole archive ({error}): fetch it again.") from error
    inner = draft / folder.name
    if not (inner / SUMS).is_file():
        archive.unlink()
        raise Stop(f"What was fetched has no {SUMS}: it is no release. Fetch it again.")
    sums = (inner / SUMS).read_bytes()
    wrong = [] if hashlib.sha256(sums).hexdigest() == content_sha256 else [SUMS]
    for line in sums.decode().splitlines():
        expected, _, path = line.partition("  ")
        if not (inner / path).is_file():
            wrong.append(path)
            continue
        with (inner / path).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != expected:
                wrong.append(path)
    if wrong:
        archive.unlink()
        raise Stop(f"These files did not arrive as they were published: {', '.join(wrong[:5])}.")
    inner.replace(folder)
    draft.rmdir()
