"""What the models say of a design of Part 2, or of many at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from iowall.models import access, pipeline, streaming
from iowall.scenarios import Track
from iowall.units import KiB

SIZES = ("buffer", "link", "disk_bandwidth", "disk_size")
EPOCHS = ("cold", "warm")
TARGET = 0.95  # utilization over the whole run
MOST_OVER = 3.0  # a part that is more times faster than the line is not balanced
_SECTOR = 4 * KiB  # what one erase frees


class Promise(NamedTuple):
    """What a track's own condition is about."""

    look_back: float  # [s] at hand before an event
    gap: float  # [s] the longest that is missing at a stretch
    life: float  # [s] what the flash lasts


@dataclass(frozen=True, kw_only=True)
class Sized:
    """The numbers behind every instrument of this part."""

    demand: float  # [B/s]
    rates: pipeline.Epochs  # of every tier [B/s]
    shares: pipeline.Epochs  # of the bytes that pass the link, or are written
    fits: pipeline.Epochs  # whether there is room for a frame that cannot wait
    reaches: pipeline.Epochs  # whether what is held of such frames outlasts the read of one
    in_time: pipeline.Epochs  # share that jitter and pauses leave
    busy: pipeline.Epochs  # utilization of the accelerator
    utilization: float  # over the whole run
    price: float
    over: Mapping[str, float]  # times what the line needs, of each part that can be too large
    promise: Promise
    kept: Mapping[str, bool]  # each half of the promise
    goals: Mapping[str, bool]

    @property
    def most_over(self) -> float:
        """Times what the line needs of the part that is most too large."""
        return np.max(np.stack(np.broadcast_arrays(*self.over.values())), axis=0)

    @property
    def good(self) -> bool:
        """Whether all goals are met."""
        return _all(self.goals.values())


def size(
    track: Track,
    *,
    buffer: float,
    link: float,
    disk_bandwidth: float,
    disk_size: float,
    policy: str,
) -> Sized:
    """The numbers of one design.

    Each of the four sizes may be an array, so that a whole slider is seen at once.
    """
    words, choice = track.pipeline, track.pipeline.policies[policy]
    demand = access.demand(**words.workload.demand)
    tiers = _reading if track.direction == "read" else _writing
    rates, shares, passing = tiers(
        track, choice, demand, link=link, disk_bandwidth=disk_bandwidth, disk_size=disk_size
    )
    fits = pipeline.Epochs(
        *((_ahead(words, demand, buffer, share) >= 1) | (not words.clocked) for share in shares)
    )
    reaches = pipeline.Epochs(
        *(_reaches(track, demand, buffer, *epoch) for epoch in zip(shares, passing, strict=True))
    )
    in_time = pipeline.Epochs(
        *(
            _in_time(track, choice, demand, buffer, *epoch)
            for epoch in zip(shares, passing, strict=True)
        )
    )
    busy = pipeline.Epochs(
        *(np.minimum(kept, each.supply / demand) for kept, each in zip(in_time, rates, strict=True))
    )
    amounts = dict(zip(SIZES, (buffer, link, disk_bandwidth, disk_size), strict=True))
    price = pipeline.price(
        amounts={part: amounts[part] / words.sliders[part].unit for part in SIZES},
        unit_prices={part: words.sliders[part].price for part in SIZES},
    )
    utilization = _whole_run(track, demand, *busy)
    over = _over(track, choice, rates, disk_bandwidth, disk_size)
    promise = _promise(words, choice, demand, buffer, shares.warm, passing.warm)
    kept = {
        "look_back": promise.look_back >= words.look_back,
        "gap": (promise.gap < words.longest_gap) | (words.longest_gap == 0),
        "life": promise.life >= words.least_life,
    }
    met = {
        "fed": utilization >= TARGET,
        "balanced": _all([times <= MOST_OVER for times in over.values()]),
        "within_budget": np.less_equal(price, words.budget * (1 + 1e-9)),
        "as_promised": _all(kept.values()),
    }
    return Sized(
        demand=demand,
        rates=rates,
        shares=shares,
        fits=fits,
        reaches=reaches,
        in_time=in_time,
        busy=busy,
        utilization=utilization,
        price=price,
        over=over,
        promise=promise,
        kept=kept,
        goals={goal: truth for goal, truth in met.items() if goal in words.goals},
    )


def _all(truths):
    return np.all(np.stack(np.broadcast_arrays(*truths)), axis=0)


def _reading(track, choice, demand, *, link, disk_bandwidth, disk_size):
    """Rates of the tiers, share of the bytes that passes the link, and the rate of a frame."""
    words = track.pipeline
    rates = pipeline.epoch_rates(
        dataset_size=track.dataset_size,
        store_bandwidth=words.store_bandwidth,
        link_bandwidth=link,
        disk_bandwidth=disk_bandwidth,
        disk_size=disk_size,
        memory_bandwidth=words.memory_bandwidth,
        memory_size=0.0,  # the buffer is full of what comes next, not of what came
        demand=demand,
        policy=choice.cache,
    )
    hits = pipeline.hit_ratio(
        cache_size=disk_size, dataset_size=track.dataset_size, policy=choice.cache
    )
    shares = pipeline.Epochs(cold=1.0, warm=1 - hits)
    return rates, shares, pipeline.Epochs(*(each.supply for each in rates))


def _writing(track, choice, demand, *, link, disk_bandwidth, disk_size):
    """The same for a recorder. Its disk is empty in the first shift; in the later ones there is
    room only for what the uplink has taken away since."""
    words = track.pipeline
    shift = track.dataset_size / demand
    written = disk_bandwidth / choice.written
    parked = words.park_time / shift / choice.uploaded
    cold = pipeline.Rates(
        store=np.inf,
        link=np.inf,
        disk=np.minimum(written, disk_size / (choice.uploaded * shift)),
        memory=words.memory_bandwidth,
        accelerator=demand,
    )
    warm = cold._replace(store=words.store_bandwidth * parked, link=link * parked)
    shares = pipeline.Epochs(cold=choice.written, warm=choice.written)
    return pipeline.Epochs(cold=cold, warm=warm), shares, pipeline.Epochs(written, written)


def _ahead(words, demand, buffer, share):
    """Frames of which all that is not at hand is held in the buffer."""
    frame = demand * words.workload.step_time
    return streaming.frames_ahead(buffer_size=buffer, frame_size=frame * share)


def _reaches(track, demand, buffer, share, passing):
    """Whether a frame that is read is there before its turn; a writer's have none."""
    words = track.pipeline
    frame_time = words.workload.step_time
    held = _ahead(words, demand, buffer, share) * frame_time
    in_time = demand * frame_time / passing <= held * (1 + 1e-12)  # a tie is in time
    return in_time | (not words.clocked) | (track.direction == "write")


def _in_time(track, choice, demand, buffer, share, passing):
    """Share of the batches or frames that jitter and pauses leave in time."""
    words = track.pipeline
    frame = demand * words.workload.step_time
    if not words.clocked:
        batches = np.floor(buffer / frame)
        pace = pipeline.line_rate(
            load_rate=passing, compute_rate=demand, prefetch=batches, variation=words.variation
        )
        return pace / demand
    return 1 - streaming.skipped_share(
        frames_ahead=_ahead(words, demand, buffer, share),
        frame_time=words.workload.step_time,
        read_time=frame / passing,
        stall_probability=choice.stalls,
        stall_time=choice.stall_time,
        deadline=track.direction == "read",
    )


def _whole_run(track, demand, cold, warm):
    epochs = track.pipeline.epochs
    if track.pipeline.clocked:
        return (cold + (epochs - 1) * warm) / epochs
    time = pipeline.run_time(
        dataset_size=track.dataset_size,
        epochs=epochs,
        cold_rate=cold * demand,
        warm_rate=warm * demand,
    )
    return epochs * track.dataset_size / demand / time


def _over(track, choice, rates, disk_bandwidth, disk_size):
    """How many times each part exceeds what the line needs of it, in the epoch that needs most."""
    if track.direction == "read":
        disk = [each.disk for each in rates]
        room = disk_size / track.dataset_size
    else:
        disk = [disk_bandwidth / choice.written] * 2
        room = disk_size / (choice.uploaded * track.dataset_size)
    least_over = lambda tiers: np.minimum(  # noqa: E731
        *(tier / each.line for tier, each in zip(tiers, rates, strict=True))
    )
    return {
        "link": least_over([each.link for each in rates]),
        "disk_bandwidth": least_over(disk),
        "disk_size": room,
    }


def _promise(words, choice, demand, buffer, share, passing):
    frame, frame_time = demand * words.workload.step_time, words.workload.step_time
    ahead = _ahead(words, demand, buffer, share) * frame_time
    look_back = np.inf  # what is written at once need not be remembered
    if choice.written < 1:
        look_back = streaming.fill_time(buffer_size=buffer, fill_rate=demand, drain_rate=0)
    return Promise(
        look_back=look_back,
        gap=np.maximum(0.0, choice.longest_stall + frame / passing - ahead),
        life=streaming.lifetime(
            endurance=streaming.endurance(size=words.log_size, erase_cycles=words.erase_cycles),
            write_rate=choice.stalls / frame_time * _SECTOR,
            write_amplification=1,
        ),
    )
