from __future__ import annotations

import pytest

from worker.media.clock import origin_of


def test_a_file_that_begins_at_zero_has_its_origin_there(make_video):
    assert origin_of(make_video(frames=3, options={"bf": "2"})) == 0


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("late.mkv", "libx264", {"bf": "2"}),
        ("late.ts", "libx264", {"bf": "0"}),
        ("late.webm", "libvpx", {"deadline": "realtime", "cpu-used": "8"}),
    ],
)
def test_the_origin_is_when_the_first_picture_is_shown(make_video, name, codec, options):
    path = make_video(name, codec=codec, frames=4, times=[75, 76, 77, 78], rate=30, options=options)
    assert float(origin_of(path)) == pytest.approx(2.5, abs=1e-3)
