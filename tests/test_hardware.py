"""Every number of the catalogue has a source, and agrees with what is published beside it."""

import math

import pytest

from iowall import hardware
from iowall.models import access
from iowall.units import GB, MB, KiB, MiB, S

DEVICES = [*hardware.READERS, *hardware.WRITERS]
NUMBERS = [
    "latency",
    "iops_limit",
    "bandwidth",
    "read_size",
    "sequential_latency",
    "metadata_requests",
]


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_every_number_has_a_source(device):
    own = {"arms": 0, "connection_bandwidth": math.inf, "read_bandwidth": 0}
    said = {name for name, usual in own.items() if getattr(device, name) != usual}
    assert {*NUMBERS, *said} == set(device.sources)
    assert all(len(source) > 15 for source in device.sources.values())
    assert all(len(point.source) > 15 for point in device.points)


def test_names_are_told_apart():
    for group in (hardware.READERS, hardware.WRITERS):
        assert len({device.name for device in group}) == len(group)


@pytest.mark.parametrize(
    ("device", "ratio", "tolerance"),
    [
        # Sequential over saturated 4 KiB random, from the data sheets' own figures:
        # 275 MB/s : 170/s, 560 MB/s : 98,000/s, 7,000 MB/s : 1.6 M/s, 14,000 MB/s : 3.3 M/s.
        (hardware.HDD, 395, 0.5),
        (hardware.SATA_SSD, 1.40, 0.01),
        (hardware.NVME_GEN4, 1.07, 0.01),
        (hardware.NVME_GEN5, 1.036, 0.001),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_sequential_over_random(device, ratio, tolerance):
    random = device.iops_limit * 4 * KiB
    assert device.bandwidth / random == pytest.approx(ratio, abs=tolerance)


def test_published_figures_are_entered_right():
    # Read off the sources named in the catalogue, in the units in which they are printed.
    assert hardware.GP3.bandwidth / (MiB / S) == 2000
    assert hardware.IO2.bandwidth / (MiB / S) == 4000
    assert hardware.S3.bandwidth / (GB / S) == 12.5
    assert hardware.UFS4.iops_limit * 4 * KiB / (MB / S) == pytest.approx(450)
    assert 1 / hardware.QSPI_NOR.latency == pytest.approx(133e6 / 20, rel=0.01)  # 20 bus clocks
    assert hardware.HDD.latency == pytest.approx(8.5e-3 + 4.167e-3, rel=1e-4)


def test_an_array_of_one_is_the_drive():
    one = hardware.array(hardware.HDD, 1)
    assert one.requests == hardware.HDD.requests
    for drives in (0, -1, 1.5):
        with pytest.raises(ValueError, match="drives must be a whole number, at least 1, got"):
            hardware.array(hardware.HDD, drives)


@pytest.mark.parametrize(("queue_depth", "low", "high"), [(8, 399, 459), (12, 494, 574)])
def test_an_array_of_disks_is_slower_than_its_drives_together(queue_depth, low, high):
    # Simulated outside of this code: twelve disks of 12.67 ms, exponential to fixed service.
    twelve = hardware.array(hardware.HDD, 12)
    rate = access.iops(request_size=4 * KiB, queue_depth=queue_depth, **twelve.requests)
    assert low <= rate <= high


@pytest.mark.parametrize("size", [115 * 1e3, 8 * MB])
def test_a_store_gives_its_bandwidth_to_enough_requests(size):
    by_requests = access.throughput(request_size=size, queue_depth=10_000, **hardware.S3.requests)
    assert by_requests == pytest.approx(hardware.S3.bandwidth)
    one = access.throughput(request_size=8 * MB, queue_depth=1, **hardware.S3.requests)
    assert 70 * MB / S < one < 93 * MB / S  # one connection


def test_a_guaranteed_least_is_no_most():
    # A1 promises 1,500 reads and 500 writes, S3 5,500 requests for each prefix.
    card, card_write = hardware.DEVICES["sd"], hardware.DEVICES["sd_write"]
    assert card.iops_limit > 1_500 and card_write.iops_limit > 500
    assert hardware.S3.iops_limit > 100 * 5_500
