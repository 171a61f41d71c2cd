"""The formulas that files may name: a derived number is its formula and its inputs, never typed.

A formula's inputs are its parameters. Each stands beside the formula, or is a number of that name
around it. The type says what an input counts; `Same` is what the result counts.
"""

from collections.abc import Callable
from typing import Annotated

from iowall.units import DAY, MINUTE, Frequency, Plain, Rate, Size, Time

Same = Annotated[float, "as the result"]
FORMULAS: dict[str, Callable[..., float]] = {}


def _named(name):
    def register(formula):
        FORMULAS[name] = formula
        return formula

    return register


@_named("count x each")
def several(count: Plain, each: Same) -> Same:
    """So many of something; a share of it, if the count is one."""
    return count * each


@_named("1 / rate")
def period(rate: Frequency) -> Time:
    """The time between two of what comes so often: of requests, if one is served at a time."""
    return 1 / rate


@_named("1 / iops_limit")
def latency_without_a_queue(iops_limit: Frequency) -> Time:
    """A device that serves one request at a time: its latency."""
    return 1 / iops_limit


@_named("1 / latency")
def limit_without_a_queue(latency: Time) -> Frequency:
    """A device that serves one request at a time: how many it serves."""
    return 1 / latency


@_named("seek + half a turn")
def positioning(seek: Time, rpm: Plain) -> Time:
    """What a hard disk waits for a random request."""
    return seek + MINUTE / rpm / 2


@_named("throughput / size")
def requests(throughput: Rate, size: Size) -> Frequency:
    """Requests of one size that make a throughput."""
    return throughput / size


@_named("requests x size / (latency + size / connection)")
def in_flight(requests: Plain, size: Size, latency: Time, connection: Rate) -> Rate:
    """What a store gives so many requests at a time, each with a connection of its own."""
    return requests * size / (latency + size / connection)


@_named("width x clock")
def bus(width: Size, clock: Frequency) -> Rate:
    """What so many lines carry with each turn of a clock."""
    return width * clock


@_named("nor_page / write")
def writing_pages(nor_page: Size, write: Time) -> Rate:
    """Flash whose pages are erased already."""
    return nor_page / write


@_named("nor_sector / (erase + write of its pages)")
def erasing_and_writing(nor_sector: Size, nor_page: Size, erase: Time, write: Time) -> Rate:
    """Flash that erases a sector and then writes it page by page."""
    return nor_sector / (erase + nor_sector / nor_page * write)


@_named("rate x time")
def streamed_in(rate: Rate, time: Time) -> Size:
    """Bytes of a stream."""
    return rate * time


@_named("streamed / sample_size")
def pieces(streamed: Size, sample_size: Size) -> Plain:
    """How many samples a step's bytes are, to the nearest."""
    return round(streamed / sample_size)


@_named("step_time / every")
def each_step(step_time: Time, every: Time) -> Plain:
    """How many there are in each step of what comes so often."""
    return step_time / every


@_named("scanners x points x time / packet")
def packets(scanners: Plain, points: Frequency, time: Time, packet: Plain) -> Plain:
    """Packets of so many points that scanners make in a time, to the nearest."""
    return round(scanners * points * time / packet)


@_named("scanners x points x time x point")
def scans(scanners: Plain, points: Frequency, time: Time, point: Size) -> Size:
    """Bytes of the points that scanners make in a time."""
    return scanners * points * time * point


@_named("base + scanners x points x time x point")
def base_and_scans(base: Size, scanners: Plain, points: Frequency, time: Time, point: Size) -> Size:
    """The same, beside something else."""
    return base + scanners * points * time * point


@_named("width x height x each")
def picture(width: Plain, height: Plain, each: Size) -> Size:
    """Bytes of a raw picture."""
    return width * height * each


@_named("node_days / failures / nodes")
def between_failures(node_days: Plain, failures: Plain, nodes: Plain) -> Time:
    """Mean time between failures of many nodes, counted while so many node-days went by."""
    return node_days * DAY / failures / nodes


@_named("years x 365 x each")
def in_use(years: Plain, each: Time) -> Time:
    """Time of use in years with so much of it each day."""
    return years * 365 * each
