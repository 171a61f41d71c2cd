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


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("4 Gbit/s", 5e8),
        ("10 TB", 1e13),
        ("1 MiB", 1048576),
        ("90 min", 5400),
        ("1.5 GB/s", 1.5e9),
        ("20 mW", 0.02),
        ("750 µW", 0.00075),
        ("5 TB/h", 5e12 / 3600),
        ("1/8", 0.125),
        ("12.5 %", 0.125),
        ("80 us", 8e-5),
        ("80 µs", 8e-5),
        ("30μs", 3e-5),
        ("10,000", 10_000),
        ("13,000/s", 13_000),
        ("1/s", 1),
        ("1,300,000.5/s", 1300000.5),
        ("2 years", 2 * 365 * 86400),
        ("10 minutes", 600),
        ("133 MHz", 133e6),
        ("1e6", 1e6),
        (" 16 ", 16),
        ("0", 0),
    ],
)
def test_quantities_are_read(text, value):
    assert units.parse(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,5 GB", "read in two ways"),
        ("10,00", "read in two ways"),
        ("0,500", "read in two ways"),
        ("1.000,5", "read in two ways"),
        ("", "is no quantity"),
        ("fast", "is no quantity"),
        ("-5 s", "is no quantity"),
        ("nan", "is no quantity"),
        ("٤ s", "is no quantity"),
        ("1.2.3", "is no quantity"),
        ("4 Gbps", "unknown unit 'Gbps'"),
        ("64 KB", "unknown unit 'KB'"),  # 1000 or 1024 of them
        ("4 gbit/s", "unknown unit 'gbit/s'"),
        ("1/0", "no finite number"),
        ("1e999", "no finite number"),
        ("9" * 5000, "is no quantity"),
        (4, "is no text"),
        (None, "is no text"),
    ],
)
def test_what_is_no_quantity_gets_one_sentence(text, said):
    with pytest.raises(ValueError, match=said) as caught:
        units.parse(text)
    assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)


def test_a_quantity_must_count_what_is_asked_for():
    assert units.parse("4 Gbit/s", "B/s") == 5e8
    with pytest.raises(ValueError, match="is a plain number, not a time; write one as in"):
        units.parse("5", "s")


@pytest.mark.parametrize("value", [114_660.0, 4096.0, 1.64e9, 8.3e-5, 300.0, 86400.0])
def test_what_is_shown_can_be_read(value):
    assert units.parse(units.amount(value)) == pytest.approx(value, rel=5e-3)
    assert units.parse(units.duration(value)) == pytest.approx(value, rel=5e-3)
