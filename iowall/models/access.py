"""Access patterns: what a device gives a stream of requests, and what that leaves the accelerator.

One idea: a request costs a trip before it moves a byte. Ask for little at a time, in no order, and
the trips bind (IOPS); ask for much, in order, and the bytes bind (bandwidth).

Left out: caches (see `pipeline`), contention between tenants, error recovery, and the transfer time
hidden in a quoted latency. Every rate is a bound: real systems reach it or stay below.
"""

from typing import NamedTuple

import numpy as np

from iowall.units import KiB

INODE_BLOCK = 4 * KiB  # [B] mke2fs.conf of e2fsprogs: blocksize = 4096
INODES_PER_BLOCK = 16  # [-] mke2fs.conf of e2fsprogs: inode_size = 256
TFRECORD_FRAME = 16  # [B] TensorFlow, "TFRecords format details": length and two checksums
TAR_BLOCK = 512  # [B] POSIX.1 ustar: a header of one block, contents padded to whole blocks

FILE_FORMATS = ("raw", "tfrecord", "webdataset")
ORDERS = ("sequential", "shuffled")


def iops(*, request_size, queue_depth, latency, iops_limit, bandwidth):
    """Requests per second: what the queue, the device and the bytes allow, whichever is least.

    X = min(Q / L, X_max, β / s). The first term is Little's law.

    Parameters
    ----------
    request_size : float or array
        Bytes per request, s (fio's ``bs``). [B]
    queue_depth : float or array
        Requests kept in flight, Q (fio's ``iodepth``). [-]
    latency : float or array
        Time of one request alone, L; 0 means that it never binds. [s]
    iops_limit : float or array
        The device's most requests per second, X_max. [1/s]
    bandwidth : float or array
        The device's most bytes per second, β. [B/s]

    Returns
    -------
    float or array
        Requests per second, in the broadcast shape of the arguments. [1/s]

    Examples
    --------
    How many 4 KiB reads a second does an SSD of 76.9 µs give to one thread, and to 32?

    >>> ssd = dict(request_size=4096, latency=76.9e-6, iops_limit=98_000, bandwidth=560e6)
    >>> f"{iops(queue_depth=1, **ssd):,.0f} and {iops(queue_depth=32, **ssd):,.0f}"
    '13,004 and 98,000'

    References
    ----------
    Little, "A proof for the queuing formula L = λW", Operations Research 9(3), 1961,
    doi:10.1287/opre.9.3.383. The byte ceiling: AWS documentation, Amazon EBS I/O characteristics.
    """
    with np.errstate(divide="ignore"):
        by_queue = np.divide(queue_depth, latency)
    return np.minimum(np.minimum(by_queue, iops_limit), np.divide(bandwidth, request_size))


def throughput(*, request_size, queue_depth, latency, iops_limit, bandwidth):
    """Bytes per second delivered to a stream of equal requests.

    throughput = X · s, with X from `iops`. Below s* = β / X_max requests bind; above it, bytes.

    Parameters
    ----------
    request_size : float or array
        Bytes per request, s. [B]
    queue_depth : float or array
        Requests kept in flight, Q. [-]
    latency : float or array
        Time of one request alone, L. [s]
    iops_limit : float or array
        The device's most requests per second, X_max. [1/s]
    bandwidth : float or array
        The device's most bytes per second, β. [B/s]

    Returns
    -------
    float or array
        Bytes per second, at most `bandwidth`. [B/s]

    Examples
    --------
    What is left of a disk's 275 MB/s when it is asked for 4 KiB here and 4 KiB there?

    >>> disk = dict(latency=12.67e-3, iops_limit=170, bandwidth=275e6)
    >>> f"{throughput(request_size=4096, queue_depth=16, **disk) / 1e6:.2f} MB/s"
    '0.70 MB/s'

    References
    ----------
    AWS documentation, Amazon EBS volume types: the published crossover sizes are β / X_max.
    """
    return request_size * iops(
        request_size=request_size,
        queue_depth=queue_depth,
        latency=latency,
        iops_limit=iops_limit,
        bandwidth=bandwidth,
    )


def demand(*, accelerators, batch_size, sample_size, step_time):
    """Bytes per second that the accelerators would consume if they never waited.

    demand = N · B · S / t, the Data Pipeline Equation at full utilization.

    Parameters
    ----------
    accelerators : float or array
        How many work at once, N. [-]
    batch_size : float or array
        Samples per accelerator and step, B. [samples]
    sample_size : float or array
        Bytes per sample, S. [B]
    step_time : float or array
        Compute time of one step, t. [s]

    Returns
    -------
    float or array
        Bytes per second. [B/s]

    Examples
    --------
    What does one H100 eat in MLPerf Storage's unet3d?

    >>> one = demand(accelerators=1, batch_size=7, sample_size=146_600_628, step_time=0.323)
    >>> f"{one / 1e9:.4f} GB/s"
    '3.1771 GB/s'

    References
    ----------
    MLCommons Storage v1.0, submission guidelines and workload files (unet3d, resnet50, cosmoflow).
    """
    return np.multiply(accelerators, batch_size, dtype=float) * sample_size / step_time


def utilization(*, throughput, demand):
    """Busy share of the accelerators: what they get over what they could use, at most 1.

    U = min(1, throughput / demand).

    Parameters
    ----------
    throughput : float or array
        What storage delivers. [B/s]
    demand : float or array
        What the accelerators would consume if they never waited. [B/s]

    Returns
    -------
    float or array
        Between 0 and 1. [-]

    Examples
    --------
    >>> f"{utilization(throughput=1.0e9, demand=1.6e9):.3f}"
    '0.625'

    References
    ----------
    MLCommons Storage calls it accelerator utilization (AU): compute time over running time.
    """
    return np.minimum(1.0, np.divide(throughput, demand))


class SampleTime(NamedTuple):
    """Where the time of one sample goes on the device, and what is read for it."""

    metadata_time: float  # [s] opening its file, or its share of its shard
    wait_time: float  # [s] trips to the data: before the first byte of each request
    transfer_time: float  # [s] moving the bytes at the device's bandwidth
    stored_size: float  # [B] the sample as the format stores it
    request_size: float  # [B] one data request
    requests: float  # [-] data requests per sample
    metadata_requests: float  # [-] metadata requests per sample

    @property
    def total(self):
        """Device time per sample. [s]"""
        return self.metadata_time + self.wait_time + self.transfer_time


def sample_time(
    *,
    file_format,
    order,
    sample_size,
    shard_size,
    read_size,
    queue_depth,
    latency,
    sequential_latency,
    iops_limit,
    bandwidth,
    metadata_requests,
):
    """Device time to fetch one sample, by file format and order.

    Storage is read in runs of contiguous bytes. Each run costs one positioned request, the rest of
    it streams. A run of r bytes, read in requests of at most q bytes, costs per byte

        1 / (r · X(min(r, q)))  +  max(0, 1/q - 1/r) / X_stream(q),

    with X from `iops` at the device's latency, and X_stream with the sequential one. The run is

    ============  ==========================  =========================================
    order         raw files                   shards (TFRecord, WebDataset)
    ============  ==========================  =========================================
    sequential    the data set                the data set
    shuffled      one sample                  one shard; one request where several are
                                              read at once (queue_depth > 1)
    ============  ==========================  =========================================

    Opening costs `metadata_requests` requests of one inode block for each file: for each sample
    (raw), for each shard, or for each 16 samples (raw in stored order, where neighbours share an
    inode block). TFRecord adds 16 B to a sample; WebDataset stores a sample as two tar members, the
    second being a label of at most one block.

    Parameters
    ----------
    file_format : {"raw", "tfrecord", "webdataset"}
        One file per sample, or shards. [-]
    order : {"sequential", "shuffled"}
        The order in which samples are wanted, against the order in which they lie. [-]
    sample_size : float or array
        Bytes per sample. [B]
    shard_size : float or array
        Bytes per shard; not used by raw files. [B]
    read_size : float or array
        Bytes per request of a sequential stream. [B]
    queue_depth : float or array
        Requests kept in flight (one for each worker). [-]
    latency, sequential_latency : float or array
        Time of one positioned request alone; of one request of a stream. [s]
    iops_limit : float or array
        The device's most positioned requests per second. [1/s]
    bandwidth : float or array
        The device's most bytes per second. [B/s]
    metadata_requests : float or array
        Requests to open one file. [-]

    Returns
    -------
    SampleTime
        Times [s], sizes [B] and counts [-] per sample.

    Raises
    ------
    ValueError
        If `file_format` or `order` is not one of those named.

    Examples
    --------
    A disk and 115 kB images, one reader: files in random order, against shards in order.

    >>> disk = dict(read_size=2**20, queue_depth=1, latency=12.67e-3, sequential_latency=0,
    ...             iops_limit=170, bandwidth=275e6, metadata_requests=1,
    ...             sample_size=114_660, shard_size=256e6)
    >>> files = sample_time(file_format="raw", order="shuffled", **disk)
    >>> shards = sample_time(file_format="tfrecord", order="sequential", **disk)
    >>> f"{files.total / shards.total:.0f} times"
    '60 times'

    References
    ----------
    Positioned and streamed time: the affine cost of a request (Hockney). Inode sizes: mke2fs.conf
    of e2fsprogs. Framing: TensorFlow's TFRecord format; POSIX.1 ustar.
    """
    if file_format not in FILE_FORMATS:
        raise ValueError(f"file_format must be one of {FILE_FORMATS}, got {file_format!r}")
    if order not in ORDERS:
        raise ValueError(f"order must be one of {ORDERS}, got {order!r}")

    stored_size = _stored_size(file_format, sample_size)
    shard_size = np.maximum(shard_size, stored_size)
    if order == "sequential":
        run_size = np.inf
        samples_per_open = INODES_PER_BLOCK if file_format == "raw" else shard_size / stored_size
    elif file_format == "raw":
        run_size = stored_size
        samples_per_open = 1.0
    else:
        run_size = np.where(np.greater(queue_depth, 1), read_size, shard_size)
        samples_per_open = shard_size / stored_size

    request_size = np.minimum(run_size, read_size)
    positioned = iops(
        request_size=request_size,
        queue_depth=queue_depth,
        latency=latency,
        iops_limit=iops_limit,
        bandwidth=bandwidth,
    )
    streamed = iops(
        request_size=read_size,
        queue_depth=queue_depth,
        latency=sequential_latency,
        iops_limit=np.inf,
        bandwidth=bandwidth,
    )
    opened = iops(
        request_size=INODE_BLOCK,
        queue_depth=queue_depth,
        latency=latency,
        iops_limit=iops_limit,
        bandwidth=bandwidth,
    )
    trips = 1 / run_size  # positioned requests per byte
    reads = np.maximum(0.0, 1 / read_size - trips)  # streamed requests per byte
    transfer_time = np.divide(stored_size, bandwidth)
    # A run at least as long as a request never beats the bytes, so this difference is not negative
    # but for rounding.
    data_time = stored_size * (trips / positioned + reads / streamed)
    metadata = metadata_requests / samples_per_open
    return SampleTime(
        metadata_time=metadata / opened,
        wait_time=np.maximum(0.0, data_time - transfer_time),
        transfer_time=transfer_time,
        stored_size=stored_size,
        request_size=request_size,
        requests=stored_size * (trips + reads),
        metadata_requests=metadata,
    )


def _stored_size(file_format, sample_size):
    """Bytes that one sample takes in its format. [B]"""
    if file_format == "raw":
        return np.asarray(sample_size, dtype=float)[()]
    if file_format == "tfrecord":
        return np.add(sample_size, TFRECORD_FRAME, dtype=float)
    contents = np.ceil(np.divide(sample_size, TAR_BLOCK)) * TAR_BLOCK
    label = TAR_BLOCK
    return contents + label + 2 * TAR_BLOCK


def same_shard_probability(*, shard_samples, interleave, shuffle_buffer, samples):
    """Chance that two consecutive samples come from one shard: what a shuffle buffer buys back.

    A buffer of b samples is filled first; then each step takes one at random and puts the next of
    the stream in its place; at the end it is drained. The stream draws from k open shards, each of
    n samples, at random. With g = k·n and N samples in all, an item leaves after a time
    that is nearly exponential with mean b, so that two neighbours of the output lie d apart in the
    stream with density e^(-d/b)/b, and share a shard with chance (1 - d/g)/k:

        steady state    p = (1 - (b/g)(1 - e^(-g/b))) / k
        first buffer    f = min(1, g/b) / k, forgotten as e^(-2t/b)

    and the result is their mean over an epoch. It tends to 1 for a plain scan (b = 1, k = 1), and
    to one over the number of shards for a full shuffle (b = N).

    Parameters
    ----------
    shard_samples : float or array
        Samples in one shard, n. [samples]
    interleave : float or array
        Shards read at once, k. [-]
    shuffle_buffer : float or array
        Samples in the buffer, b; more than `samples` is as good as all. [samples]
    samples : float or array
        Samples in the data set, N. [samples]

    Returns
    -------
    float or array
        Between 0 and 1. [-]

    Notes
    -----
    Good where the data set has many more shards than are open at once. For shards read strictly in
    turn it is too high while the buffer holds fewer than about ten samples for each open shard:
    neighbours in the stream then never share one.

    Examples
    --------
    Shards of 1,000 samples read one at a time: what does a buffer of 10,000 samples buy?

    >>> shards = dict(shard_samples=1_000, interleave=1, samples=1_000_000)
    >>> f"{same_shard_probability(shuffle_buffer=1, **shards):.3f}"
    '0.999'
    >>> f"{same_shard_probability(shuffle_buffer=10_000, **shards):.3f}"
    '0.049'

    References
    ----------
    The buffer is that of tf.data's ``shuffle`` and WebDataset's ``shuffle``; block shuffling is
    analysed by Xu et al., "Stochastic Gradient Descent without Full Data Shuffle" (CorgiPile),
    SIGMOD 2022. The formula is derived here and held to a simulation in the tests.
    """
    b = np.minimum(shuffle_buffer, samples, dtype=float)
    g = np.minimum(interleave * np.asarray(shard_samples, dtype=float), samples)
    steady = 1 - (b / g) * -np.expm1(-g / b)
    first = np.minimum(1.0, g / b)
    streaming = samples - b  # steps before the drain, which keeps the last chance
    memory = np.exp(-2 * streaming / b)
    mean = steady + (first - steady) * (b / 2 * (1 - memory) + b * memory) / samples
    return np.clip(mean / interleave, 0.0, 1.0)


class Timeline(NamedTuple):
    """When each step's batch is loaded and computed; the last axis counts steps. [s]"""

    load_start: np.ndarray
    load_end: np.ndarray
    compute_start: np.ndarray
    compute_end: np.ndarray

    @property
    def wait(self):
        """How long the accelerator stands still before each step. [s]"""
        before = np.concatenate(
            [np.zeros_like(self.compute_end[..., :1]), self.compute_end[..., :-1]], axis=-1
        )
        return self.compute_start - before


def timeline(*, load_time, compute_time, prefetch):
    """Step by step: when each batch is loaded and when it is computed.

    A max-plus recursion with `prefetch` places for loaded batches, p:

        load_start(n)    = max(load_end(n-1), compute_start(n-p))       p ≥ 1
        load_start(n)    = compute_end(n-1)                             p = 0
        compute_start(n) = max(compute_end(n-1), load_end(n))

    In the long run a step takes max(load, compute) with prefetching, load + compute without. A
    deeper prefetch absorbs jitter, never a deficit.

    Parameters
    ----------
    load_time : array
        Time to load each batch; the last axis counts steps. [s]
    compute_time : float or array
        Time to compute each batch; broadcasts with `load_time`. [s]
    prefetch : int
        Batches that may wait loaded, p. [batches]

    Returns
    -------
    Timeline
        Four arrays in the broadcast shape. [s]

    Examples
    --------
    Loading takes 3 s and computing 2 s: with prefetching, each step waits for one second.

    >>> steps = timeline(load_time=[3, 3, 3, 3], compute_time=2, prefetch=2)
    >>> steps.wait.tolist()
    [3.0, 1.0, 1.0, 1.0]

    References
    ----------
    Finite-buffer lines as max-plus recursions: Baccelli et al., "Synchronization and Linearity",
    Wiley, 1992. As a model of training input: Dryden et al. (NoPFS), SC 2021, arXiv:2101.08734.
    """
    load, compute = np.broadcast_arrays(
        np.asarray(load_time, dtype=float), np.asarray(compute_time, dtype=float)
    )
    times = Timeline(*(np.zeros(load.shape) for _ in Timeline._fields))
    idle = np.zeros(load.shape[:-1])
    for n in range(load.shape[-1]):
        loaded = times.load_end[..., n - 1] if n else idle
        computed = times.compute_end[..., n - 1] if n else idle
        freed = computed if prefetch == 0 else idle
        if 0 < prefetch <= n:
            freed = times.compute_start[..., n - prefetch]
        times.load_start[..., n] = np.maximum(loaded, freed)
        times.load_end[..., n] = times.load_start[..., n] + load[..., n]
        times.compute_start[..., n] = np.maximum(computed, times.load_end[..., n])
        times.compute_end[..., n] = times.compute_start[..., n] + compute[..., n]
    return times
