"""Frame extraction against the ``ffmpeg`` command line, same cores, same JPEG quality or better.

Ours also measures each frame, hashes it and makes its thumbnail; ffmpeg does not. The video is made
on the spot: 1080p H.264 with B-frames, a moving scene and grain. Runs alternate, the best of each
counts, so that other load on the machine hits both.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.table import not_below, print_table, speed_against_peer
from worker.media.colour import to_bgr
from worker.media.extract import EveryNth, extract_frames

WIDTH, HEIGHT, FRAMES, ROUNDS = 1920, 1080, 240, 3
FFMPEG_QUALITY = "2"  # its best commonly used


def make_video(path: Path) -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    scene = cv2.resize(noise, (WIDTH + 400, HEIGHT + 400), interpolation=cv2.INTER_CUBIC)
    scene = cv2.GaussianBlur(scene, (0, 0), 3)
    grain = rng.integers(-6, 7, (4, HEIGHT, WIDTH, 1), np.int16)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "20", "bf": "3", "g": "60"}
        for i in range(FRAMES):
            x, y = int(200 + 190 * np.sin(i / 40)), int(200 + 190 * np.cos(i / 55))
            image = scene[y : y + HEIGHT, x : x + WIDTH].copy()
            cv2.circle(image, (int(960 + 500 * np.cos(i / 15)), 540), 150, (40, 80, 220), -1)
            image = np.clip(image + grain[i % 4], 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode(None))


def run_ours(video: Path, n: int, folder: Path) -> float:
    start = time.perf_counter()
    for _ in extract_frames(video, EveryNth(n), out=folder):
        pass
    return time.perf_counter() - start


def run_ffmpeg(video: Path, n: int, folder: Path) -> float:
    command = ["ffmpeg", "-loglevel", "error", "-i", str(video)]
    if n > 1:
        command += ["-vf", f"select=not(mod(n\\,{n}))", "-vsync", "vfr"]
    start = time.perf_counter()
    subprocess.run([*command, "-q:v", FFMPEG_QUALITY, f"{folder}/%06d.jpg"], check=True)
    return time.perf_counter() - start


def luma_psnr(folder: Path, references: list[np.ndarray]) -> float:
    """Mean PSNR in dB of the first JPEGs of a folder against what the decoder gave."""
    values = [
        cv2.PSNR(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), reference)
        for path, reference in zip(sorted(folder.iterdir()), references, strict=False)
    ]
    return float(np.mean(values))


def references(video: Path, count: int = 5) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Luma before JPEG: as ours converts it, and as ffmpeg does (range only, same matrix)."""
    ours, theirs = [], []
    with av.open(str(video)) as container:
        for frame, _ in zip(container.decode(video=0), range(count), strict=False):
            ours.append(cv2.cvtColor(to_bgr(frame, frame.height), cv2.COLOR_BGR2GRAY))
            luma = frame.to_ndarray()[:HEIGHT].astype(float)
            theirs.append(np.clip((luma - 16) * 255 / 219 + 0.5, 0, 255).astype(np.uint8))
    return ours, theirs


def main() -> int:
    if shutil.which("ffmpeg") is None:
        print("extract_frames: needs the ffmpeg command line to compare with; skipped")
        return 0
    rows = []
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        video = root / "video.mp4"
        make_video(video)
        for n, label in ((1, "every frame"), (10, "every 10th frame")):
            ours: list[float] = []
            theirs: list[float] = []
            for turn in range(ROUNDS):
                for run, times, kind in ((run_ours, ours, "ours"), (run_ffmpeg, theirs, "ffmpeg")):
                    folder = root / f"{kind}-{n}-{turn}"
                    folder.mkdir()
                    times.append(run(video, n, folder))
                    if len(list(folder.iterdir())) != len(range(0, FRAMES, n)):
                        print(f"{kind} gave a wrong number of frames", file=sys.stderr)
                        return 1
                    if turn:
                        shutil.rmtree(folder)
            rows.append(speed_against_peer(label, min(ours), "ffmpeg", min(theirs), at_least=0.8))
        before_ours, before_theirs = references(video)
        rows.append(
            not_below(
                "JPEG quality, luma PSNR",
                luma_psnr(root / "ours-1-0", before_ours),
                f"ffmpeg -q:v {FFMPEG_QUALITY}",
                luma_psnr(root / "ffmpeg-1-0", before_theirs),
                "dB",
            )
        )
    print_table(f"Frames out of {FRAMES} frames of {WIDTH}x{HEIGHT} H.264", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
