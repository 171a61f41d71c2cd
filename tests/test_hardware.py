"""Every number of the catalogue has a source, and agrees with what is published beside it."""

import pytest

from iowall import hardware
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
    assert set(NUMBERS) == set(device.sources)
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
