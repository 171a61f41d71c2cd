"""One store, one model: a device says the same in every part, and in the exercises."""

import re

import pytest

from iowall import hardware
from iowall.models import access
from iowall.parts import access as audit
from iowall.parts import pipeline
from iowall.scenarios import RESNET50, TRACKS
from iowall.units import GB
from tests.conftest import ROOT


def test_s3_gives_photographs_the_same_in_parts_1_and_2():
    cloud = TRACKS["cloud"]
    settings = {"device": "S3", "workload": RESNET50.name, "order": "shuffled", "workers": "256"}
    alone = audit.evaluate(cloud, settings).throughput
    # Part 2 has 512 requests in flight. S3 counts, and neither of its limits is reached: twice as
    # many get twice as much. By hand: 512 · 114,660 B / (20 ms + 114,660 B / 93 MB/s) = 2.76 GB/s.
    assert cloud.pipeline.store_bandwidth == pytest.approx(2 * alone)
    assert cloud.pipeline.store_bandwidth == pytest.approx(2.765 * GB, rel=1e-3)
    assert cloud.pipeline.store_bandwidth == pytest.approx(
        access.throughput(
            request_size=RESNET50.sample_size, queue_depth=512, **hardware.S3.requests
        )
    )
    assert "512 requests" in cloud.pipeline.situation


def test_the_exercise_asks_for_as_many_as_part_1_needs():
    cloud, page = TRACKS["cloud"], (ROOT / "book" / "access.md").read_text("utf-8")
    [told] = re.findall(r"ranges of 115 kB: (\d+) in flight", page)
    store = {"request_size": RESNET50.sample_size, **hardware.S3.requests}
    short, enough = access.throughput(queue_depth=[int(told) - 1, int(told) + 1], **store)
    assert short < pipeline.evaluate(cloud, {}).demand < enough


@pytest.mark.parametrize("track", ["mobile", "tiny"])
def test_flash_streams_the_same_in_parts_1_and_2(track):
    """The largest pieces in order, which is how Part 2 reads."""
    track = TRACKS[track]
    pieces = [one.name for one in audit.options(track)["workload"]][-1]
    settings = {"order": "sequential", "file_format": "tfrecord", "workload": pieces}
    settings |= {"shard_size": audit.options(track)["shard_size"][-1].name, "workers": "256"}
    streamed = audit.evaluate(track, settings).stored_throughput
    assert streamed == pytest.approx(track.pipeline.store_bandwidth, rel=0.01)
