"""Deadlines: a frame must be there when its turn comes, and a flash that erases answers nobody.

One idea: a buffer turns a rate into time. Held ahead of a reader it is the time that a blocked read
may take; behind a sensor it is the time that a link may be down.

Left out: reads that overlap, a clock that drifts, and what is shown instead of a late frame. A late
frame is skipped: the clock goes on, and the reader still fetches each frame.
"""

import numpy as np

from iowall.models._arithmetic import Numbers, checked, ratio


@checked(nonnegative="buffer_size frame_size")
def frames_ahead(*, buffer_size: Numbers, frame_size: Numbers) -> Numbers:
    """Whole frames that fit into a buffer.

    Parameters
    ----------
    buffer_size, frame_size : float or array
        Bytes of the buffer and of one frame. [B]

    Returns
    -------
    float or array
        A whole number; inf for frames of no size. [frames]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    64 KiB, and frames of 10 ms of 16-bit sound at 48 kHz:

    >>> f"{frames_ahead(buffer_size=65_536, frame_size=0.010 * 48_000 * 2):.0f} frames"
    '68 frames'

    References
    ----------
    A division.
    """
    return np.floor(ratio(buffer_size, frame_size) * (1 + 1e-12))


@checked(nonnegative="latency frame_time")
def frames_needed(*, latency: Numbers, frame_time: Numbers) -> Numbers:
    """Least number of frames to hold ahead so that one read of this latency makes no frame late.

    B = ceil(latency / frame_time): a frame asked for B frames before its turn has B · T to come.

    Parameters
    ----------
    latency : float or array
        The longest that one read takes, what blocks it included. [s]
    frame_time : float or array
        Time between frames, T. [s]

    Returns
    -------
    float or array
        A whole number. [frames]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    Frames of 10 ms, and an erase of 45 ms (typical), of 400 ms (longest), or suspended in 30 µs:

    >>> frames_needed(latency=[45e-3, 400e-3, 30e-6], frame_time=10e-3).tolist()
    [5.0, 40.0, 1.0]

    References
    ----------
    Erase times: Winbond W25Q64JV data sheet. Suspend: Puya PY25Q16 data sheet.
    """
    return np.ceil(ratio(latency, frame_time) * (1 - 1e-12))


@checked(
    nonnegative="frames_ahead read_time erase_time",
    positive="frame_time",
    shares="erase_probability",
)
def underrun_probability(
    *,
    frames_ahead: Numbers,
    frame_time: Numbers,
    read_time: Numbers,
    erase_probability: Numbers,
    erase_time: Numbers,
) -> Numbers:
    """Share of frames that are late where a read is now and then preceded by a blocking erase.

    A read takes r, or r + E with probability p. If r + E > B · T the blocked frame is late, and so
    are those after it until the reader has caught up by T - r for each frame:

        late frames = p · ceil((r + E - B T) / (T - r)),  at most 1.

    Parameters
    ----------
    frames_ahead : float or array
        Frames held ahead, B. [frames]
    frame_time : float or array
        Time between frames, T. [s]
    read_time : float or array
        Time of one read alone, r. [s]
    erase_probability : float or array
        Chance that an erase goes before a read, p. [-]
    erase_time : float or array
        How long the erase blocks, E. [s]

    Returns
    -------
    float or array
        Between 0 and 1; 1 also where the reader cannot keep up, r + p E ≥ T. [-]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Notes
    -----
    A lower bound: erases are taken to be so rare that the reader catches up between them, which
    needs p E / (T - r) ≪ 1. At 0.01 it is up to 4 % of itself low, at 0.1 up to 18 %, at 0.3 up to
    44 %; and a buffer that outlasts one erase, where it says 0, still runs dry in two that follow
    each other. For those, and for any other distribution, give latencies to `delivery_time`.

    Examples
    --------
    An erase of 45 ms before each thousandth read. How many frames of 10 ms are late?

    >>> flash = dict(frame_time=10e-3, read_time=1e-3, erase_probability=1e-3, erase_time=45e-3)
    >>> for frames in (1, 2, 4, 5):
    ...     print(f"{frames}: {underrun_probability(frames_ahead=frames, **flash):.1%}")
    1: 0.4%
    2: 0.3%
    4: 0.1%
    5: 0.0%

    References
    ----------
    Derived from the recursion of `delivery_time`. That code waits for an erase: ESP-IDF
    documentation, "Concurrency constraints for flash".
    """
    slack = frames_ahead * frame_time
    recovery = frame_time - read_time
    never = np.equal(erase_probability, 0)
    blocked = np.where(never, 0.0, erase_probability * erase_time)
    late = ratio(read_time + erase_time - slack, recovery) - 1e-9  # a tie is in time
    late = np.ceil(np.maximum(late, 0.0))
    isolated = np.where(never, 0.0, np.minimum(1.0, erase_probability * late))
    hopeless = np.greater(read_time, slack) | np.less(recovery, 0)
    overloaded = np.greater(blocked, 0) & np.greater_equal(blocked, recovery)
    share = np.where(hopeless | overloaded, 1.0, isolated)
    return _known(share, frames_ahead, frame_time, read_time, erase_probability, erase_time)


def _known(result, *arguments):
    """The result, and NaN where an argument is NaN: comparisons say False to it. [-]"""
    unknown = False
    for argument in arguments:
        unknown = unknown | np.isnan(argument)
    return np.where(unknown, np.nan, result)[()]


@checked(
    nonnegative="frames_ahead read_time stall_time",
    positive="frame_time",
    shares="stall_probability",
)
def skipped_share(
    *,
    frames_ahead: Numbers,
    frame_time: Numbers,
    read_time: Numbers,
    stall_probability: Numbers,
    stall_time: Numbers,
    deadline: bool = True,
) -> Numbers:
    """Share of frames that are skipped where a reader that has fallen behind jumps to the present.

    A read takes r, and before a share p of the frames, evenly spaced, the storage answers nobody
    for E. Of B frames held ahead only those are there that were won back since the last stall:

        b = min(B, (T/r - 1)/p)
        skipped = 1 - min(1, T/r) · (1 - p · ceil((E - max(0, b T - r)) / T)).

    A read that takes longer than the frames held ahead last, r > B · T, is never in time: all are
    skipped. A writer whose ring overflows has no deadline: it keeps what it has begun.

    Parameters
    ----------
    frames_ahead : float or array
        Whole frames for which there is room, B; with less than one no frame is ever complete.
        [frames]
    frame_time : float or array
        Time between frames, T. [s]
    read_time : float or array
        Time of one read alone, r. [s]
    stall_probability : float or array
        Stalls for each frame, p. [-]
    stall_time : float or array
        How long a stall lasts, E. [s]
    deadline : bool
        Whether a frame must be there at its turn, as for a reader; False for a writer. [-]

    Returns
    -------
    float or array
        Between 0 and 1. [-]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Notes
    -----
    Unlike `underrun_probability`, whose reader fetches each frame, be it late or not. For a writer
    B is the room of its ring, and what finds it full is dropped.

    Examples
    --------
    Frames of 10 ms read in 5 ms, and a stall of 45 ms before each hundredth:

    >>> flash = dict(frame_time=10e-3, read_time=5e-3, stall_probability=0.01, stall_time=45e-3)
    >>> for frames in (1, 3, 5):
    ...     print(f"{frames}: {skipped_share(frames_ahead=frames, **flash):.0%}")
    1: 4%
    3: 2%
    5: 0%

    References
    ----------
    A balance of time: what a stall takes, less what was held ahead.
    """
    gained = np.maximum(0.0, ratio(frame_time, read_time) - 1)
    never = np.equal(stall_probability, 0)
    ahead = np.where(
        never, frames_ahead, np.minimum(frames_ahead, ratio(gained, stall_probability))
    )
    covered = np.where(np.isinf(ahead), np.inf, ahead * frame_time)
    missing = np.maximum(0.0, stall_time - np.maximum(0.0, covered - read_time))
    missed = np.ceil(ratio(missing, frame_time) - 1e-9)  # a tie is in time
    stalled = np.where(never, 0.0, np.minimum(1.0, stall_probability * missed))
    kept = np.minimum(1.0, ratio(frame_time, read_time)) * (1 - stalled)
    kept = np.where(np.equal(read_time, 0), 1 - stalled, kept)
    held = np.where(np.isinf(frames_ahead), np.inf, frames_ahead * frame_time)
    never_there = deadline & np.greater(read_time, held * (1 + 1e-12))
    hopeless = np.less(frames_ahead, 1) | never_there
    share = np.where(hopeless, 1.0, 1 - kept)
    return _known(share, frames_ahead, frame_time, read_time, stall_probability, stall_time)


@checked(finite="latency", sizes="frame_time")
def delivery_time(*, latency: Numbers, frame_time: Numbers) -> Numbers:
    """Time from the moment a frame may be asked for until it is there, for any row of latencies.

    The reader asks for frame n when a place is free, B frames before its turn, and reads one frame
    after another, so that a slow read delays those behind it:

        d(n) = max(d(n-1) - T, 0) + L(n).

    Frame n is late if d(n) > B · T: the share of underruns is ``np.mean(d > B * T)``.

    Parameters
    ----------
    latency : float or array
        Time of each read, measured or drawn from any distribution; the last axis counts frames. [s]
    frame_time : float
        Time between frames, T. [s]

    Returns
    -------
    array
        In the shape of `latency`. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    One read of 25 ms among reads of 1 ms, frames of 10 ms:

    >>> (delivery_time(latency=[1e-3, 25e-3, 1e-3, 1e-3], frame_time=10e-3) * 1e3).round().tolist()
    [1.0, 25.0, 16.0, 7.0]

    References
    ----------
    Lindley, "The theory of queues with a single server", Mathematical Proceedings of the Cambridge
    Philosophical Society 48(2), 1952, doi:10.1017/S0305004100027638, solved by a running minimum.
    """
    latency = np.atleast_1d(latency)
    backlog = np.cumsum(latency - frame_time, axis=-1)
    before = backlog - (latency - frame_time)
    return backlog - np.minimum.accumulate(before, axis=-1) + frame_time


@checked(nonnegative="buffer_size fill_rate drain_rate")
def fill_time(*, buffer_size: Numbers, fill_rate: Numbers, drain_rate: Numbers) -> Numbers:
    """Time until an empty buffer is full: with a drain of 0, how far back a ring buffer remembers.

    Parameters
    ----------
    buffer_size : float or array
        Bytes of the buffer. [B]
    fill_rate, drain_rate : float or array
        Bytes per second that go in and out. [B/s]

    Returns
    -------
    float or array
        Seconds; inf where the drain keeps up. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{fill_time(buffer_size=65_536, fill_rate=48_000 * 2, drain_rate=0):.2f} s"
    '0.68 s'

    References
    ----------
    A balance of bytes.
    """
    keeps_up = np.less_equal(fill_rate, drain_rate)
    return np.where(keeps_up, np.inf, ratio(buffer_size, fill_rate - drain_rate))[()]


@checked(nonnegative="fill_rate drain_rate duration")
def backlog(*, fill_rate: Numbers, drain_rate: Numbers, duration: Numbers) -> Numbers:
    """Bytes that wait after a while: what a sensor made and its uplink did not take.

    Parameters
    ----------
    fill_rate, drain_rate : float or array
        Bytes per second that are produced and uploaded. [B/s]
    duration : float or array
        How long, from an empty start. [s]

    Returns
    -------
    float or array
        At least 0. [B]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    5 TB an hour, and an uplink of 6.3 Mbit/s:

    >>> f"{backlog(fill_rate=5e12 / 3600, drain_rate=6.3e6 / 8, duration=3600) / 1e12:.3f} TB"
    '4.997 TB'

    References
    ----------
    A balance of bytes.
    """
    return np.maximum(0.0, fill_rate - drain_rate) * duration


@checked(nonnegative="rate bandwidth", finite="active_power idle_power")
def average_power(
    *, rate: Numbers, bandwidth: Numbers, active_power: Numbers, idle_power: Numbers
) -> Numbers:
    """Mean power of a device that moves data in bursts and idles between them.

    P = idle + duty · (active - idle), with duty = min(1, rate / bandwidth).

    Parameters
    ----------
    rate : float or array
        Bytes per second wanted on average. [B/s]
    bandwidth : float or array
        Bytes per second while active. [B/s]
    active_power, idle_power : float or array
        While moving data, and between. [W]

    Returns
    -------
    float or array
        Watts. [W]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    A flash of 40 mW that is busy for 2 % of the time:

    >>> power = average_power(rate=1e6, bandwidth=50e6, active_power=40e-3, idle_power=20e-6)
    >>> f"{power * 1e3:.2f} mW"
    '0.82 mW'

    References
    ----------
    An average over time; the wake-up energy of each burst is left out.
    """
    duty = np.minimum(1.0, ratio(rate, bandwidth))
    return idle_power + duty * (active_power - idle_power)


@checked(nonnegative="size erase_cycles")
def endurance(*, size: Numbers, erase_cycles: Numbers) -> Numbers:
    """Bytes that a flash takes before it wears out: every block erased as often as it may be.

    Parameters
    ----------
    size : float or array
        Bytes over which writing is spread: the device, or one block that is always the same. [B]
    erase_cycles : float or array
        Erases that a block survives. [-]

    Returns
    -------
    float or array
        Bytes written to the flash. [B]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    >>> f"{endurance(size=4096, erase_cycles=100_000) / 1e6:.0f} MB"
    '410 MB'

    References
    ----------
    Ideal wear levelling over `size`. 100,000 cycles: Winbond W25Q64JV data sheet.
    """
    return size * erase_cycles


@checked(nonnegative="endurance write_rate write_amplification")
def lifetime(*, endurance: Numbers, write_rate: Numbers, write_amplification: Numbers) -> Numbers:
    """Time until a flash is worn out by writing.

    Parameters
    ----------
    endurance : float or array
        Bytes that it takes in all: TBW of a data sheet, or `endurance`. [B]
    write_rate : float or array
        Bytes per second that the host writes on average. [B/s]
    write_amplification : float or array
        Bytes counted against the endurance for each byte that the host writes; 1 with TBW. [-]

    Returns
    -------
    float or array
        Seconds; inf if nothing is written. [s]

    Raises
    ------
    ValueError
        If an argument lies outside of its domain; the sentence names it.

    Examples
    --------
    600 TBW, and a lidar that fills 74.9 GB an hour:

    >>> drive = dict(endurance=600e12, write_amplification=1)
    >>> f"{lifetime(write_rate=74.9e9 / 3600, **drive) / 3600:,.0f} h"
    '8,011 h'

    References
    ----------
    600 TBW: Samsung 870 EVO data sheet (1 TB), as reproduced in press reviews.
    """
    return ratio(endurance, write_rate * write_amplification)
