"""Tiers in series: object store → link → local disk → memory → accelerator.

One idea: a tier is slowed only by the bytes that pass it. A cache shortens the queue at every tier
behind it, and at none before it has been filled; the slowest tier for its share sets the pace.

Left out: contention between jobs, file systems, the warming of a cache within an epoch, and network
protocol overhead. Rates of tiers are bounds: real systems reach them or stay below.
"""

from typing import NamedTuple

import numpy as np

from iowall.models._arithmetic import one_plus_lambert, ratio

POLICIES = ("pinned", "lru", "random", "lru_scan", "random_scan")


def hit_ratio(*, cache_size, dataset_size, policy):
    """Share of an epoch's bytes that a warm cache serves, for a data set read once each epoch.

    With c = min(1, cache_size / dataset_size):

    =============  =======================  ======================================================
    policy         each epoch reads         h
    =============  =======================  ======================================================
    pinned         in any order             c: a fixed part of the data set is kept
    lru            in a new random order    1 - (1 - c)(1 - ln(1 - c))
    random         in a new random order    1 - c ln(c + (1 - c) e^(1/c)): random replacement
    lru_scan       in the same order        0 for c < 1: each sample leaves just before its turn
    random_scan    in the same order        1 - m with m = 1 - e^(-m/c): random replacement
    =============  =======================  ======================================================

    Parameters
    ----------
    cache_size : float or array
        Bytes that the cache holds; 0 for no cache. [B]
    dataset_size : float or array
        Bytes read in one epoch. [B]
    policy : {"pinned", "lru", "random", "lru_scan", "random_scan"}
        What is evicted, and the order of reading. [-]

    Returns
    -------
    float or array
        Between 0 and 1, from the second epoch on; the first has no hits. [-]

    Raises
    ------
    ValueError
        If `policy` is not one of those named.

    Examples
    --------
    A cache of 35 % of the data set: how much is still fetched each epoch?

    >>> for policy in ("pinned", "random", "lru"):
    ...     h = hit_ratio(cache_size=35e9, dataset_size=100e9, policy=policy)
    ...     print(f"{policy}: {1 - h:.0%}")
    pinned: 65%
    random: 86%
    lru: 93%

    References
    ----------
    lru and random are derived: a sample's place in two successive random orders gives its reuse
    distance, and random eviction its chance to survive it. Mohan et al. (CoorDL), PVLDB 14(5),
    2021, doi:10.14778/3446095.3446100, measured 85 % for "random" above.
    """
    if policy not in POLICIES:
        raise ValueError(f"policy must be one of {POLICIES}, got {policy!r}")
    fits = np.greater_equal(cache_size, dataset_size)
    c = np.where(fits, 1.0, ratio(cache_size, dataset_size))[()]
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        if policy == "pinned":
            return c
        if policy == "lru":
            return np.where(fits, 1.0, np.maximum(0.0, c + (1 - c) * np.log1p(-c)))[()]
        if policy == "random":
            return -c * np.logaddexp(np.log(c) - 1 / c, np.log1p(-c))
        if policy == "lru_scan":
            return np.where(fits, 1.0, 0.0)[()]
        # m = 1 - c(1 - u), with u of the argument that turns m = 1 - e^(-m/c) into Lambert's W;
        # fmax, because that argument is inf - inf at c = 0, where u does not matter.
        return c * (1 - one_plus_lambert(np.fmax(0.0, 1 / c + np.log(c) - 1)))


def fetch_rate(*, hit_ratio, cache_bandwidth, storage_bandwidth):
    """Bytes per second of one reader that waits for each read, from the cache or from behind it.

    F = 1 / (h/C + (1 - h)/S): times add, because the reads do not overlap. Readers that keep both
    busy at once get more, up to min(C/h, S/(1 - h)), which is never more than twice F.

    Parameters
    ----------
    hit_ratio : float or array
        Share of the bytes that the cache serves, h. [-]
    cache_bandwidth : float or array
        Of reads from the cache, C. [B/s]
    storage_bandwidth : float or array
        Of reads from the storage behind it, S. [B/s]

    Returns
    -------
    float or array
        Bytes per second; 0 where needed storage has no bandwidth. [B/s]

    Examples
    --------
    A disk of 50 MB/s behind a cache of 10 GB/s that holds half:

    >>> f"{fetch_rate(hit_ratio=0.5, cache_bandwidth=10e9, storage_bandwidth=50e6) / 1e6:.1f} MB/s"
    '99.5 MB/s'

    References
    ----------
    Mohan et al. (CoorDL), PVLDB 14(5), 2021, doi:10.14778/3446095.3446100: T = D x/C + D(1 - x)/S,
    at most 4 % off their measurements.
    """
    return ratio(1.0, ratio(hit_ratio, cache_bandwidth) + ratio(1 - hit_ratio, storage_bandwidth))


class Rates(NamedTuple):
    """Bytes per second that the accelerator could consume if only this tier were slow."""

    store: float
    link: float
    disk: float
    memory: float
    accelerator: float  # its demand

    @property
    def supply(self):
        """What reaches the accelerator: the least rate but its own. [B/s]"""
        return np.minimum(np.minimum(self.store, self.link), np.minimum(self.disk, self.memory))

    @property
    def line(self):
        """The pace of the whole line: the least rate of all. [B/s]"""
        return np.minimum(self.supply, self.accelerator)

    @property
    def binding(self):
        """Name of the tier with the least rate; of equals, the one nearest to the accelerator."""
        nearest_first = np.stack(np.broadcast_arrays(*self[::-1]))
        return np.array(self._fields[::-1])[np.argmin(nearest_first, axis=0)]

    @property
    def overprovision(self):
        """How many times faster than the line each tier is; it idles 1 - 1/overprovision. [-]"""
        line = self.line
        return Rates(*(np.where(np.equal(rate, line), 1.0, ratio(rate, line))[()] for rate in self))


class Epochs(NamedTuple):
    """The rates of every tier while the caches are empty, and once they are full."""

    cold: Rates
    warm: Rates


def epoch_rates(
    *,
    dataset_size,
    store_bandwidth,
    link_bandwidth,
    disk_bandwidth,
    disk_size,
    memory_bandwidth,
    memory_size,
    demand,
    policy,
):
    """Rates of every tier in the first epoch and in the later ones, with two caches.

    A tier's rate is its bandwidth over its share: the bytes that it moves for each byte consumed.
    Disk and memory hold different samples, so that together they hit as one cache of both sizes;
    memory's part is that of a cache of its own size. What memory does not hold passes the disk
    once: it is read there, or written there when it arrives. A pinned cache is written in the first
    epoch only.

    Parameters
    ----------
    dataset_size : float or array
        Bytes read in one epoch. [B]
    store_bandwidth, link_bandwidth, disk_bandwidth, memory_bandwidth : float or array
        The most bytes per second that the tier moves; inf for a tier that is not there. [B/s]
    disk_size, memory_size : float or array
        Bytes of the data set that the tier can cache; 0 for none. [B]
    demand : float or array
        What the accelerator would consume if it never waited. [B/s]
    policy : {"pinned", "lru", "random", "lru_scan", "random_scan"}
        See `hit_ratio`. [-]

    Returns
    -------
    Epochs
        Rates of the tiers, cold and warm. [B/s]

    Examples
    --------
    A link of 25 Gbit/s, a disk that holds the data set. Which tier binds, and when?

    >>> node = dict(dataset_size=10e12, store_bandwidth=12.5e9, link_bandwidth=25e9 / 8,
    ...             disk_bandwidth=7e9, disk_size=15e12, memory_bandwidth=100e9, memory_size=0,
    ...             demand=20e9, policy="pinned")
    >>> for name, rates in epoch_rates(**node)._asdict().items():
    ...     print(f"{name}: {rates.binding}, {rates.line / 1e9:.2f} GB/s")
    cold: link, 3.12 GB/s
    warm: disk, 7.00 GB/s

    References
    ----------
    Bandwidth over share is the utilization law: Denning and Buzen, "The operational analysis of
    queueing network models", ACM Computing Surveys 10(3), 1978, doi:10.1145/356733.356735. Two
    caches as one is exact for "pinned" and both LRUs. With "random" up to 0.05 of the bytes more
    come from the store, with "random_scan" 0.09, most where both caches are equally large.
    """
    near = hit_ratio(cache_size=memory_size, dataset_size=dataset_size, policy=policy)
    local_size = np.add(memory_size, disk_size, dtype=float)
    local = hit_ratio(cache_size=local_size, dataset_size=dataset_size, policy=policy)
    if policy == "pinned":
        written, passed = local - near, local - near
    else:
        has_disk = np.greater(disk_size, 0)
        written, passed = np.where(has_disk, 1.0, 0.0), np.where(has_disk, 1 - near, 0.0)

    def rate(bandwidth, share):
        return np.where(np.equal(share, 0), np.inf, ratio(bandwidth, share))[()]

    def rates(store_share, disk_share):
        return Rates(
            store=rate(store_bandwidth, store_share),
            link=rate(link_bandwidth, store_share),
            disk=rate(disk_bandwidth, disk_share),
            memory=memory_bandwidth,
            accelerator=demand,
        )

    return Epochs(cold=rates(1.0, written), warm=rates(1 - local, passed))


def run_time(*, dataset_size, epochs, cold_rate, warm_rate):
    """Time of a whole training run: one cold epoch, then warm ones.

    Parameters
    ----------
    dataset_size : float or array
        Bytes read in one epoch. [B]
    epochs : float or array
        Passes over the data set; less than 1 for a part of the first. [-]
    cold_rate, warm_rate : float or array
        Bytes consumed per second in the first epoch and in the later ones. [B/s]

    Returns
    -------
    float or array
        Seconds; inf where data are needed and none come. [s]

    Examples
    --------
    >>> f"{run_time(dataset_size=10e12, epochs=3, cold_rate=2.5e9, warm_rate=5e9):.0f} s"
    '8000 s'

    References
    ----------
    Mohan et al. (CoorDL), PVLDB 14(5), 2021: the first epoch fetches all, later ones the misses.
    """
    cold = np.minimum(epochs, 1.0) * dataset_size
    warm = np.maximum(np.subtract(epochs, 1.0), 0.0) * dataset_size
    return ratio(cold, cold_rate) + ratio(warm, warm_rate)


def line_rate(*, load_rate, compute_rate, prefetch):
    """Rate of a loader and an accelerator with room for a few loaded batches between them.

    For exponentially distributed times (a jitter as large as the mean), with ρ the slower rate over
    the faster and K = prefetch + 1:

        X = slower · (1 - ρ^K) / (1 - ρ^(K+1)),      slower · K / (K + 1) at ρ = 1.

    K = 1 is the line without prefetching, 1 / (1/load + 1/compute). With K → ∞, or with constant
    times and any prefetching, X is the slower rate: a buffer absorbs jitter, never a deficit.

    Parameters
    ----------
    load_rate, compute_rate : float or array
        Of loader and accelerator, each alone, in any one unit. [1/s]
    prefetch : float or array
        Batches that may wait loaded, as in `access.timeline`. [batches]

    Returns
    -------
    float or array
        Batches per second, or the unit of the rates. [1/s]

    Examples
    --------
    Two equal stages: what do 0, 1, 3 and 19 waiting batches give?

    >>> line_rate(load_rate=1, compute_rate=1, prefetch=[0, 1, 3, 19]).round(2).tolist()
    [0.5, 0.67, 0.8, 0.95]

    References
    ----------
    A birth-death chain of K + 1 states, the queue M/M/1/K: Kleinrock, "Queueing Systems" 1, Wiley,
    1975.
    """
    slower = np.minimum(load_rate, compute_rate, dtype=float)
    faster = np.maximum(load_rate, compute_rate, dtype=float)
    equal = np.equal(slower, faster)
    places = np.add(prefetch, 1.0)
    with np.errstate(divide="ignore"):
        ln_r = np.where(equal, -1.0, np.log(ratio(slower, faster)))
    unequal = np.expm1(places * ln_r) / np.expm1((places + 1) * ln_r)
    return slower * np.where(equal, 1 / (1 + 1 / places), unequal)[()]


def price(*, amounts, unit_prices):
    """Price of a design: what each part has, times what a unit of it costs.

    Parameters
    ----------
    amounts : mapping of str to float or array
        How much of each part the design has. [the part's unit]
    unit_prices : mapping of str to float or array
        Price of one unit of each part; may name more parts. [currency / unit]

    Returns
    -------
    float or array
        In the currency of the unit prices: money, watts, grams. [currency]

    Raises
    ------
    ValueError
        If a part has no unit price.

    Examples
    --------
    >>> f"{price(amounts={'link': 3, 'disk': 2}, unit_prices={'link': 10, 'disk': 5}):.0f} points"
    '40 points'

    References
    ----------
    A sum; unit prices belong to the scenario.
    """
    if missing := sorted(set(amounts) - set(unit_prices)):
        raise ValueError(f"unit_prices must name every part of the design, missing {missing}")
    return sum(
        np.multiply(amount, unit_prices[part], dtype=float) for part, amount in amounts.items()
    )
