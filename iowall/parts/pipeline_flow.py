"""One epoch of a design of Part 2 as a picture of flows."""

from collections.abc import Mapping
from dataclasses import dataclass

from iowall.parts.pipeline_size import Sized
from iowall.scenarios import Track


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One epoch as a picture of flows, in the order in which bytes meet the tiers."""

    epoch: str
    tiers: tuple[str, ...]
    capacity: tuple[float, ...]  # [B/s] of each tier
    carried: tuple[float, ...]  # [B/s] by each tier itself
    fresh: tuple[float, ...]  # [B/s] from the source, in each gap between two tiers
    local: tuple[float, ...]  # [B/s] of what a tier had kept
    lost: tuple[float, ...]  # [B/s] of what goes no further
    demand: float  # [B/s]
    supply: float  # [B/s]
    share: float  # of the bytes that passes the link, or is written
    busy: float  # share of the demand that is met
    fits: bool  # the buffer holds a frame, or frames can wait
    reaches: bool  # what it holds outlasts the read of one
    in_time: float  # share that jitter and pauses leave
    binding: str
    room: bool  # the disk's capacity is less than its bandwidth would need

    @property
    def at_work(self) -> tuple[float, ...]:
        """Share of its capacity that the flow needs of each tier."""
        return tuple(
            min(1.0, carried / most) if most else 0.0
            for carried, most in zip(self.carried, self.capacity, strict=True)
        )

    @property
    def idle(self) -> dict[str, float]:
        """The rest, {tier: share}."""
        return {tier: 1 - busy for tier, busy in zip(self.tiers, self.at_work, strict=True)}

    @property
    def late(self) -> float:
        """What jitter and pauses take of what the tiers would supply."""
        return min(1.0, self.supply / self.demand) - self.busy


def moment(
    track: Track, design: Mapping[str, float], policy: str, result: Sized, epoch: str
) -> Moment:
    """One epoch of one design."""
    words, choice = track.pipeline, track.pipeline.policies[policy]
    demand = float(result.demand)
    rates = getattr(result.rates, epoch)
    busy, in_time, share = (
        float(getattr(each, epoch)) for each in (result.busy, result.in_time, result.shares)
    )
    reads = track.direction == "read"
    if reads:
        tiers = ("store", "link", "disk", "memory", "accelerator")
        pace = busy * demand
        capacity = (words.store_bandwidth, design["link"], design["disk_bandwidth"],
                    words.memory_bandwidth, demand)  # fmt: skip
        passed = design["disk_bandwidth"] / float(rates.disk)
        carried = (pace * share, pace * share, pace * passed, pace, pace)
        fresh = (pace * share,) * 4
        local = (0.0, 0.0, pace * (1 - share), pace * (1 - share))
        lost = (0.0,) * 4
    else:
        tiers = ("accelerator", "memory", "disk", "link", "store")
        parked = words.park_time * demand / track.dataset_size
        capacity = (demand, words.memory_bandwidth, design["disk_bandwidth"],
                    design["link"] * parked, words.store_bandwidth * parked)  # fmt: skip
        written = demand * choice.written * in_time
        uploaded = min(demand * choice.uploaded * busy, *capacity[3:])
        carried = (demand, demand, written, uploaded, uploaded)
        fresh = (demand, written, uploaded, uploaded)
        local = (0.0,) * 4
        dropped = demand * choice.written * (1 - in_time)
        overwritten = demand * choice.uploaded * (in_time - busy)
        lost = (0.0, dropped, overwritten, 0.0)
    return Moment(
        epoch=epoch,
        tiers=tiers,
        capacity=capacity,
        carried=carried,
        fresh=fresh,
        local=local,
        lost=lost,
        demand=demand,
        supply=float(rates.supply),
        share=share,
        busy=busy,
        fits=bool(getattr(result.fits, epoch)),
        reaches=bool(getattr(result.reaches, epoch)),
        in_time=in_time,
        binding=str(rates.binding),
        room=not reads and float(rates.disk) < design["disk_bandwidth"] / choice.written,
    )
