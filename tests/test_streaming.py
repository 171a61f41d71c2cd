"""The streaming models against data sheets, limits, and a reader simulated frame by frame."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iowall.models import access, streaming
from iowall.units import DAY, GB, HOUR, MB, MINUTE, MS, TB, US, Gbit, KiB, S

SOUND = 48_000 * 2 / S  # 16-bit mono at 48 kHz
MBIT = Gbit / 1000


def test_a_hearables_buffer():
    # Worked out by hand: 64 KiB are 0.683 s of this sound and 2.05 s at 16 kHz; 10 ms are 960 B.
    def remembered(rate):
        return streaming.fill_time(buffer_size=64 * KiB, fill_rate=rate, drain_rate=0)

    assert remembered(SOUND) == pytest.approx(0.683, abs=5e-4)
    assert remembered(SOUND / 3) == pytest.approx(2.05, abs=5e-3)
    assert SOUND * 10 * MS == 960
    assert streaming.frames_ahead(buffer_size=64 * KiB, frame_size=960) == 68


@pytest.mark.parametrize(
    ("latency", "frames"),
    # Winbond W25Q64JV: erasing 4 KiB takes 45 ms typically and 400 ms at most. Puya PY25Q16: an
    # erase is suspended within 30 us. Frames of 10 ms.
    [(45 * MS, 5), (400 * MS, 40), (30 * US, 1)],
)
def test_frames_that_outlast_an_erase(latency, frames):
    assert streaming.frames_needed(latency=latency, frame_time=10 * MS) == frames
    held = frames * 960
    assert streaming.frames_ahead(buffer_size=held, frame_size=960) == frames
    assert (held <= 64 * KiB) and streaming.frames_ahead(
        buffer_size=held - 1, frame_size=960
    ) < frames


def test_a_skip_of_three_frames():
    assert streaming.frames_needed(latency=50 * MS, frame_time=1 / 60) == 3


@given(frames=st.integers(1, 1000), frame_time=st.floats(1e-6, 10))
def test_property_a_whole_number_of_frames_is_not_rounded_up(frames, frame_time):
    assert streaming.frames_needed(latency=frames * frame_time, frame_time=frame_time) == frames
    assert streaming.frames_ahead(buffer_size=frames * frame_time, frame_size=frame_time) == frames


def late_share(latencies, frames_ahead, frame_time):
    """Share of late frames of a reader that walks from frame to frame.

    Frame n is shown at n · T. The reader starts on a frame when it is through with the last and a
    place is free: when the frame that held it, B before, is shown.
    """
    free, late = -np.inf, 0
    for n, latency in enumerate(latencies):
        free = max(free, (n - frames_ahead) * frame_time) + latency
        late += free > n * frame_time * (1 + 1e-12)
    return late / len(latencies)


def blocked_reads(random, size, read_time, erase_probability, erase_time):
    return read_time + erase_time * (random.random(size) < erase_probability)


FLASH = {"frame_time": 10 * MS, "read_time": 1.3 * MS, "erase_time": 45 * MS}


@pytest.mark.parametrize("frames", [1, 2, 3, 7])
@pytest.mark.parametrize("kind", ["erases", "lognormal"])
def test_delivery_time_against_a_reader(frames, kind):
    random = np.random.default_rng(frames)
    if kind == "erases":
        latency = blocked_reads(random, 20_000, 1.3 * MS, 0.01, 45 * MS)
    else:
        latency = random.lognormal(np.log(4 * MS), 0.8, 20_000)
    times = streaming.delivery_time(latency=latency, frame_time=10 * MS)
    modelled = np.mean(times > frames * 10 * MS)
    assert modelled == late_share(latency, frames, 10 * MS)


@pytest.mark.parametrize(
    ("load", "low"),
    # Share of the reader's spare time that erases take, p E / (T - r), and how much too low the
    # docstring says the closed form may be there.
    [(0.01, 0.04), (0.1, 0.18), (0.3, 0.44)],
)
@pytest.mark.parametrize("frames", [1, 2, 4])
def test_underruns_of_rare_erases(load, low, frames):
    probability = load * (10 - 1.3) / 45
    random = np.random.default_rng(1)
    latency = blocked_reads(random, 2_000_000, 1.3 * MS, probability, 45 * MS)
    times = streaming.delivery_time(latency=latency, frame_time=10 * MS)
    counted = np.mean(times > frames * 10 * MS)
    modelled = streaming.underrun_probability(
        frames_ahead=frames, erase_probability=probability, **FLASH
    )
    noise = 4 * np.sqrt(5 * probability / len(latency))  # erases come in fives of late frames
    assert (1 - low) * counted - noise <= modelled <= counted + noise


def test_two_erases_are_what_the_closed_form_leaves_out():
    probability = 0.1 * (10 - 1.3) / 45
    random = np.random.default_rng(1)
    latency = blocked_reads(random, 2_000_000, 1.3 * MS, probability, 45 * MS)
    times = streaming.delivery_time(latency=latency, frame_time=10 * MS)
    flash = FLASH | {"erase_probability": probability}
    assert streaming.underrun_probability(frames_ahead=5, **flash) == 0
    assert np.mean(times > 5 * 10 * MS) == pytest.approx(0.004, abs=0.0005)


@given(
    frames=st.integers(1, 50),
    probability=st.floats(0, 1),
    read=st.floats(0, 0.02),
    erase=st.floats(0, 1),
)
def test_property_more_frames_and_fewer_erases_never_hurt(frames, probability, read, erase):
    def late(frames=frames, probability=probability, erase=erase):
        return streaming.underrun_probability(
            frames_ahead=frames,
            frame_time=10 * MS,
            read_time=read,
            erase_probability=probability,
            erase_time=erase,
        )

    assert 0 <= late() <= 1
    assert late(frames=frames + 1) <= late()
    assert late(probability=probability / 2) <= late()
    assert late(erase=erase / 2) <= late()


def test_underruns_at_their_ends():
    def late(**changed):
        return streaming.underrun_probability(
            **{"frames_ahead": 2, "erase_probability": 0.01} | FLASH | changed
        )

    with np.errstate(all="raise"):
        assert late(erase_probability=0) == late(erase_time=0) == 0
        assert late(erase_probability=0, erase_time=np.inf) == 0
        assert late(erase_time=np.inf) == 1  # the first erase never ends
        assert late(frames_ahead=0) == 1  # nothing ahead: every read is too late
        assert late(read_time=11 * MS) == 1  # slower than the frames
        assert late(read_time=10 * MS, erase_probability=0) == 0  # just as fast
        assert late(read_time=10 * MS) == 1  # just as fast, and never to catch up
        assert late(erase_probability=1) == 1
        # An erase that ends as the buffer does is in time: 1 + 19 = 2 · 10 ms.
        assert late(read_time=1 * MS, erase_time=19 * MS) == 0
        assert late(read_time=1 * MS, erase_time=19.1 * MS) == 0.01


def test_delivery_times_broadcast():
    latency = np.random.default_rng(0).exponential(8 * MS, (3, 500))
    together = streaming.delivery_time(latency=latency, frame_time=10 * MS)
    for row, alone in zip(together, latency, strict=True):
        assert row == pytest.approx(streaming.delivery_time(latency=alone, frame_time=10 * MS))
    assert np.all(together >= latency * (1 - 1e-9))


def test_both_readings_of_five_terabytes_an_hour():
    # 5 TB/h is 1.11 Mbit/s for each of 10,000 vehicles, or 11.1 Gbit/s for one. US average LTE
    # upload: 6.3 Mbit/s (Opensignal, Q1 2019).
    fleet, vehicle = np.array([1 / 10_000, 1]) * 5 * TB / HOUR
    assert fleet / MBIT == pytest.approx(1.11, abs=5e-3)
    assert vehicle / Gbit == pytest.approx(11.1, abs=0.05)
    uplink = 6.3 * MBIT
    waiting = streaming.backlog(
        fill_rate=np.array([fleet, vehicle]), drain_rate=uplink, duration=1 * HOUR
    )
    assert waiting[0] == 0 and waiting[1] == pytest.approx(5 * TB, rel=1e-3)
    assert access.utilization(throughput=uplink, demand=vehicle) == pytest.approx(5.67e-4, rel=1e-3)
    # One HDL-64E makes 20.8 MB/s, 26 times the uplink; a terabyte of disk holds 13 hours of it.
    lidar = 20.8 * MB / S
    full = streaming.fill_time(buffer_size=1 * TB, fill_rate=lidar, drain_rate=uplink)
    assert full / HOUR == pytest.approx(13.9, abs=0.05)
    assert streaming.fill_time(buffer_size=1 * TB, fill_rate=fleet, drain_rate=uplink) == np.inf


@given(size=st.floats(1, 1e15), fill=st.floats(1, 1e12), drain=st.floats(0, 1e12))
def test_property_a_full_buffer_holds_the_backlog(size, fill, drain):
    full = streaming.fill_time(buffer_size=size, fill_rate=fill, drain_rate=drain)
    if np.isfinite(full):
        waiting = streaming.backlog(fill_rate=fill, drain_rate=drain, duration=full)
        assert waiting == pytest.approx(size)
    else:
        assert drain >= fill


def test_backlog_second_by_second():
    waiting = 0.0
    for _ in range(100):
        waiting = max(0.0, waiting + 7.0 - 4.5)
    assert streaming.backlog(fill_rate=7, drain_rate=4.5, duration=100) == pytest.approx(waiting)


@pytest.mark.parametrize(("rate", "hours"), [(74.9 * GB / HOUR, 8010), (5 * TB / HOUR, 120)])
def test_hours_that_a_drive_endures(rate, hours):
    # Samsung 870 EVO of 1 TB: 600 TBW. One HDL-64E, and the story's 5 TB an hour; by hand.
    life = streaming.lifetime(endurance=600 * TB, write_rate=rate, write_amplification=1)
    assert life / HOUR == pytest.approx(hours, rel=2e-4)


def test_a_block_that_is_always_the_same():
    # Winbond W25Q64JV: 100,000 cycles. Saving into one block of 4 KiB every 10 minutes wears it
    # out in 100,000 times 10 minutes; spread over eight, in eight times as long.
    def life(blocks):
        worn = streaming.endurance(size=blocks * 4 * KiB, erase_cycles=100_000)
        rate = 4 * KiB / (10 * MINUTE)
        return streaming.lifetime(endurance=worn, write_rate=rate, write_amplification=1) / DAY

    assert life(1) == pytest.approx(694.4, abs=0.1)
    assert life(8) == pytest.approx(8 * 694.4, abs=1)
    # Saving 1 KiB at a time into it erases all 4 KiB each time.
    quarter = streaming.lifetime(
        endurance=4 * KiB * 100_000, write_rate=1 * KiB / (10 * MINUTE), write_amplification=4
    )
    assert quarter / DAY == pytest.approx(694.4, abs=0.1)


def test_average_power_against_a_clock():
    # 1 MB of each 5 MB/s second: 0.2 s at 50 mW, 0.8 s at 1 mW.
    power = streaming.average_power(
        rate=1 * MB, bandwidth=5 * MB, active_power=50e-3, idle_power=1e-3
    )
    assert power == pytest.approx((0.2 * 50e-3 + 0.8 * 1e-3) / 1.0)


@given(rate=st.floats(0, 1e9), bandwidth=st.floats(1e3, 1e9), idle=st.floats(0, 1))
def test_property_power_lies_between_idle_and_active(rate, bandwidth, idle):
    power = streaming.average_power(
        rate=rate, bandwidth=bandwidth, active_power=1.0, idle_power=idle
    )
    assert idle - 1e-12 <= power <= 1 + 1e-12


def test_streaming_at_its_ends():
    with np.errstate(all="raise"):
        assert streaming.lifetime(endurance=1, write_rate=0, write_amplification=1) == np.inf
        assert streaming.average_power(
            rate=1, bandwidth=0, active_power=3, idle_power=1
        ) == streaming.average_power(rate=9, bandwidth=3, active_power=3, idle_power=1)
        assert streaming.average_power(rate=0, bandwidth=0, active_power=3, idle_power=1) == 1
        assert streaming.fill_time(buffer_size=0, fill_rate=1, drain_rate=0) == 0
        assert streaming.fill_time(buffer_size=0, fill_rate=1, drain_rate=1) == np.inf
        assert streaming.frames_ahead(buffer_size=0, frame_size=0) == 0
        assert streaming.frames_needed(latency=0, frame_time=1) == 0


def skipped(frames_ahead, frame_time, read_time, stall_every, stall_time, frames=20_000):
    """Share of skipped frames of a reader that jumps to the present, walked frame by frame.

    Frame n is shown at n · T, and its place is free B frames before. A reader that is through with
    one frame takes the next, but never one whose turn has passed; before each `stall_every`-th
    frame's turn the storage answers nobody for a while, wherever the reader is in its read.
    """
    stalls = np.arange(1, frames // stall_every) * stall_every * frame_time if stall_every else []

    def read_from(start):
        """When a read that starts now ends: the stalls that it meets come on top."""
        end, left = start, read_time
        for begin in stalls[np.searchsorted(stalls, start - stall_time) :] if stall_every else []:
            if begin >= end + left:
                break
            resume = begin + stall_time
            if resume <= end:
                continue
            left -= max(0.0, begin - end)
            end = resume
        return end + left

    clock, kept, n = 0.0, 0, 0
    while n < frames:
        n = max(n, int(np.ceil(clock / frame_time - 1e-9)))
        clock = read_from(max(clock, (n - frames_ahead) * frame_time))
        kept += clock <= n * frame_time * (1 + 1e-9) + 1e-9
        n += 1
    return 1 - kept / frames


@pytest.mark.parametrize("frames_ahead", [1, 2, 4, 6])
@pytest.mark.parametrize("stall_every", [50, 100])
def test_skipped_frames_against_a_reader(frames_ahead, stall_every):
    flash = {"frame_time": 10 * MS, "read_time": 5 * MS, "stall_time": 45 * MS}
    counted = skipped(frames_ahead, stall_every=stall_every, **flash)
    modelled = streaming.skipped_share(
        frames_ahead=frames_ahead, stall_probability=1 / stall_every, **flash
    )
    # A stall falls anywhere within a read: one frame more or less for each.
    assert modelled == pytest.approx(counted, abs=1.01 / stall_every)


@pytest.mark.parametrize("frames_ahead", [1, 2, 5])
def test_a_read_longer_than_the_frames_held_is_never_in_time(frames_ahead):
    flash = {"frame_time": 10 * MS, "read_time": (frames_ahead + 0.5) * 10 * MS}
    assert skipped(frames_ahead, stall_every=0, stall_time=0, frames=500, **flash) > 0.99
    share = streaming.skipped_share(
        frames_ahead=frames_ahead, stall_probability=0, stall_time=0, **flash
    )
    assert share == 1
    written = streaming.skipped_share(
        frames_ahead=frames_ahead, stall_probability=0, stall_time=0, deadline=False, **flash
    )
    assert written == pytest.approx(1 - 1 / (frames_ahead + 0.5))  # a ring, emptied at that pace
