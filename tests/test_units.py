"""Units are what the standards say, and numbers read as people write them."""

import pytest

from iowall import units


def test_decimal_and_binary_prefixes():
    # IEC 80000-13: kB is 1000 bytes, KiB is 1024.
    assert units.GB / units.MB == 1000
    assert units.GiB / units.MiB == 1024
    assert pytest.approx(1.073741824) == units.GiB / units.GB


def test_a_link_is_named_in_bits():
    assert 100 * units.Gbit / units.S == 12.5 * units.GB


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (999.6e6, "1 GB/s"),  # rounds up into the next prefix, not to "1,000 MB/s"
        (5.1e18, "5,100 PB/s"),
        (0, "0 B/s"),
        (0.5, "0.5 B/s"),
    ],
)
def test_amounts_at_the_edges(value, text):
    assert units.amount(value, "B/s") == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 s"), (5e-9, "5 ns"), (119, "119 s"), (120, "2 min"), (86400, "24 h")]
)
def test_durations_at_the_edges(value, text):
    assert units.duration(value) == text
