"""Stills of the introduction and of Part 1: what a request costs, and what order costs."""

import numpy as np

from iowall import hardware, parts
from iowall.hardware import GP3, HDD, IO2, NVME_GEN5, SATA_SSD
from iowall.models import access
from iowall.scenarios import BERT, RESNET50, TRACKS, UNET3D
from iowall.units import GB, MB, Gbit, KiB, MiB, S, amount, duration, kB, number
from iowall.views.theme import COMPUTE, LOCAL, REST, TRANSFER, WAIT

from .canvas import INK, chart, filled, panels, percent, rate, rows, say, ticks

CLOUD = TRACKS["cloud"]
_PART = parts.part("access")
_ARRIVAL = _PART.start(CLOUD)

_ALL = 1e6  # requests in flight: more than any device can use
_SIZES = {"text record": BERT, "photograph": RESNET50, "volume": UNET3D}


def _reads(device, request_size, queue_depth):
    """Throughput of random reads."""
    return access.throughput(request_size=request_size, queue_depth=queue_depth, **device.requests)


def wall():
    """Every device from its slowest to its fastest, and what a node of accelerators asks for."""
    devices = sorted(hardware.READERS, key=lambda device: _reads(device, 4 * KiB, 1))
    slow = [_reads(device, 4 * KiB, 1) for device in devices]
    figure, axes = chart(
        "■ random, 4 KiB, one at a time   ● in order, large", "", height=4.4, log="x"
    )
    rows(axes, [device.name for device in devices])
    for row, device in enumerate(devices):
        axes.plot([slow[row], device.bandwidth], [row, row], color=REST)
        axes.plot(slow[row], row, "s", color=WAIT)
        axes.plot(device.bandwidth, row, "o", color=TRANSFER)
        times = f"{number(device.bandwidth / slow[row])} ×"
        say(axes, times, (1e11, row), (62, 0), ha="right")
    demands = {name: access.demand(**load.demand) for name, load in _SIZES.items()}
    for height, (name, demand) in zip((-1.2, -2.2, -1.2), demands.items(), strict=True):
        axes.plot([demand, demand], [len(devices) - 0.4, height + 0.4], ":", color=INK, lw=1.2)
        axes.text(demand, height, f"{name}s", ha="center", va="center")
    axes.set(xlim=(1e4, 1e11), ylim=(len(devices) - 0.4, -2.7))
    ticks(axes.xaxis, [1e4, 1e6, 1e8, 1e10], rate)
    low, high = _reads(HDD, 4 * KiB, 1), HDD.bandwidth
    return (
        figure,
        f"A hard disk gives {rate(low)} when it is asked for 4 KiB here and there, and "
        f"{rate(high)} when it is read in order. Most devices of the catalogue span a factor of "
        f"ten to five hundred, S3 far more. Eight accelerators ask for "
        f"{rate(demands['text record'])} of text records, {rate(demands['photograph'])} of "
        f"photographs, or {rate(demands['volume'])} of volumes.",
        "The wall. Each device is one bar, from what it gives at its worst to what it gives at its "
        "best, with the factor between the two. Dotted: what a node of eight accelerators asks "
        "for, by what it trains on. How much a device holds appears nowhere.",
    )


def positioning():
    """Where the time of one random request to a disk goes, by its size."""
    sizes = {
        "4 KiB": 4 * KiB,
        f"photograph, {amount(RESNET50.sample_size)}": RESNET50.sample_size,
        "1 MiB": 1 * MiB,
        "16 MiB": 16 * MiB,
        f"volume, {amount(UNET3D.sample_size)}": UNET3D.sample_size,
    }
    turn = 60 / 7200 / 2 * S  # half a turn, as in the catalogue
    seek = HDD.latency - turn
    figure, axes = chart("share of its time", "", log="")
    rows(axes, list(sizes))
    for row, size in enumerate(sizes.values()):
        times = np.array([seek, turn, size / HDD.bandwidth])
        ends = np.cumsum(times / times.sum())
        for start, end, colour in zip([0, *ends], ends, (WAIT, LOCAL, TRANSFER), strict=False):
            axes.barh(row, end - start, 0.62, start, **filled(colour))
        say(axes, duration(times.sum()), (1, row))
        if row == 0:
            for name, x in (("seek", ends[0] / 2), ("half a turn", (ends[0] + ends[1]) / 2)):
                say(axes, name, (x, -0.35), (0, 8), ha="center")
        if row == len(sizes) - 1:
            axes.text((ends[1] + 1) / 2, row, "transfer", ha="center", va="center")
    say(axes, "in all", (1, -0.35), (6, 8))
    axes.set(xlim=(0, 1), ylim=(len(sizes) - 0.5, -1))
    ticks(axes.xaxis, [0, 0.5, 1], percent)
    moved = {name: size / HDD.bandwidth for name, size in sizes.items()}
    share = {name: time / (HDD.latency + time) for name, time in moved.items()}
    small, photograph, _, _, volume = share.values()
    return (
        figure,
        f"Of a random request for 4 KiB the disk spends {percent(1 - small)} on the way and "
        f"{percent(small)} moving bytes. For a photograph it moves bytes during "
        f"{percent(photograph)} of the time, for a volume during {percent(volume)}.",
        f"One random request to a hard disk. The trip takes {duration(HDD.latency)} whatever is "
        "asked for; only a large request is worth it.",
    )


def queue_depth():
    """4 KiB reads against queue depth: one arm against many chips."""
    depths = np.geomspace(1, 512, 60)
    figure, axes = chart(
        "requests in flight (queue depth)", "throughput of random 4 KiB reads", height=3.4
    )
    lines = ((NVME_GEN5, TRANSFER, "-"), (SATA_SSD, COMPUTE, "--"), (HDD, WAIT, "-."))
    for device, colour, dash in lines:
        reads = _reads(device, 4 * KiB, depths)
        axes.plot(depths, reads, color=colour, linestyle=dash)
        say(axes, device.name, (depths[-1], reads[-1]))
    axes.set_xlim(1, 512)
    ticks(axes.xaxis, [1, 4, 16, 64, 256], str)
    ticks(axes.yaxis, [1 * MB / S, 10 * MB / S, 100 * MB / S, 1 * GB / S, 10 * GB / S], rate)
    most = _reads(HDD, 4 * KiB, _ALL)
    return (
        figure,
        f"A disk gives at most {rate(most)} however many requests are in flight; a SATA SSD and an "
        "NVMe drive rise in proportion to the queue depth until their request limits bind, at "
        f"{rate(_reads(SATA_SSD, 4 * KiB, _ALL))} and {rate(_reads(NVME_GEN5, 4 * KiB, _ALL))}.",
        "Random reads of 4 KiB. More requests in flight help a drive of many chips; they do "
        "little for a disk, which has one arm.",
    )


def knee():
    """Throughput against request size: where requests stop binding and bytes begin."""
    sizes = np.geomspace(512, 64 * MiB, 200)
    figure, axes = chart("request size", "throughput, many requests in flight", height=3.8)
    lines = (
        (NVME_GEN5, TRANSFER, "-", 3),
        (IO2, COMPUTE, "--", 3),
        (GP3, LOCAL, ":", -1),
        (SATA_SSD, REST, "-", 0),
        (HDD, WAIT, "-.", -3),
    )
    for device, colour, dash, lift in lines:
        axes.plot(sizes, _reads(device, sizes, _ALL), color=colour, linestyle=dash)
        corner = device.bandwidth / device.iops_limit
        axes.plot(corner, device.bandwidth, "o", color=colour, markersize=8)
        for point in device.points:
            if "crossover" in point.source:
                axes.plot(point.request_size, point.throughput, "x", color=INK, mew=1.6)
        say(axes, device.name, (sizes[-1], device.bandwidth), (6, lift))
    axes.set_xlim(sizes[0], sizes[-1])
    ticks(axes.xaxis, [1 * KiB, 32 * KiB, 1 * MiB, 32 * MiB], _binary)
    ticks(axes.yaxis, [100 * kB / S, 1 * MB / S, 10 * MB / S, 100 * MB / S, 1 * GB / S], rate)
    corners = {device.name: device.bandwidth / device.iops_limit for device, *_ in lines}
    return (
        figure,
        "Each device's throughput rises with the request size up to a knee and is flat beyond it: "
        f"for NVMe at {number(corners[NVME_GEN5.name] / KiB)} KiB, for a hard disk at "
        f"{number(corners[HDD.name] / MiB)} MiB. The knees of gp3 and io2, "
        f"{number(corners[GP3.name] / KiB)} and {number(corners[IO2.name] / KiB)} KiB, lie on the "
        "published crossover sizes.",
        "The knee (●): left of it requests bind, right of it bytes. Crosses: the crossover sizes "
        "that Amazon publishes for its volumes.",
    )


def _binary(size):
    unit, name = (MiB, "MiB") if size >= MiB else (KiB, "KiB")
    return f"{number(size / unit)} {name}"


def readahead():
    """Loading and computing, one after the other and overlapped."""
    link = 25 * Gbit / S
    batch = RESNET50.accelerators * RESNET50.batch_size * RESNET50.sample_size
    load, compute, steps = batch / link, RESNET50.step_time, 5
    figure, both = panels(2, height=3.4, sharex=True)
    titles = {0: "nothing read ahead", 2: "two batches read ahead"}
    ends = {}
    for axes, (prefetch, title) in zip(both, titles.items(), strict=True):
        times = access.timeline(
            load_time=np.full(steps, load), compute_time=compute, prefetch=prefetch
        )
        rows(axes, ["load", "compute"])
        for row, starts, length, colour in (
            (0, times.load_start, load, TRANSFER),
            (1, times.compute_start, compute, COMPUTE),
        ):
            axes.barh([row] * steps, length * 0.97, 0.7, starts, color=colour)
            for step, start in enumerate(starts, 1):
                axes.text(start + length / 2, row, str(step), ha="center", va="center")
        ends[prefetch] = times.compute_end[-1]
        axes.set_title(f"{title}: {duration(ends[prefetch])}")
    both[1].set_xlabel("time")
    ticks(both[1].xaxis, [0, 0.5, 1, 1.5], duration)
    return (
        figure,
        "Without reading ahead, loading and computing take turns and five steps last "
        f"{duration(ends[0])}. With two batches ahead the next ones load while one is computed; "
        f"after the first load the GPUs never wait, and it is {duration(ends[2])}.",
        f"Five steps on photographs: {duration(load)} to load a batch over {number(link / Gbit)} "
        f"Gbit/s, {duration(compute)} to compute it. Reading ahead hides a load that is shorter "
        "than the computing; it cannot hide a longer one.",
    )


def order_ratio():
    """How many times slower shuffled files are than a scan, by the size of a sample."""
    sizes = np.geomspace(512, 1 * GB, 200)
    figure, axes = chart("sample size", "a scan is so many times faster", height=3.5)
    lines = ((HDD, 1, WAIT, "-."), (NVME_GEN5, 1, TRANSFER, "--"), (NVME_GEN5, 256, COMPUTE, "-"))
    marked = np.array([load.sample_size for load in _SIZES.values()])
    for device, flight, colour, dash in lines:
        axes.plot(sizes, _order(device, flight, sizes), color=colour, linestyle=dash)
        axes.plot(marked, _order(device, flight, marked), "o", color=colour)
    for size in marked:
        times = _order(HDD, 1, size)
        say(axes, f"{number(times)} ×", (size, times), (8, 7))
    say(axes, "hard disk,\none at a time", (2e4, _order(HDD, 1, 2e4)), (8, 9))
    say(axes, "NVMe,\none at a time", (3e4, _order(NVME_GEN5, 1, 3e4)), (-8, -9), ha="right")
    say(axes, "NVMe, 256 at a time", (2e5, 1), (0, -10))
    axes.set(xlim=(sizes[0], sizes[-1]), ylim=(0.4, 8000))
    names = {
        load.sample_size: f"{name}\n{amount(load.sample_size)}" for name, load in _SIZES.items()
    }
    ticks(axes.xaxis, marked, names.get)
    ticks(axes.yaxis, [1, 10, 100, 1000], lambda n: f"{number(n)} ×")
    text, photograph, volume = map(number, _order(HDD, 1, marked))
    return (
        figure,
        f"On a disk with one request in flight a scan of text records is {text} times "
        f"faster than shuffled files, of photographs {photograph} times, of volumes {volume} "
        "times. An NVMe drive lies lower, and with 256 requests in flight its "
        "photographs are read as fast in any order.",
        "What order is worth: one file per sample, in stored order against shuffled, without the "
        "opening of files. It depends on the sample's size, the device, and the requests in "
        "flight. A volume is a run of many requests, of which the first alone pays for a trip.",
    )


def _order(device, flight, size):
    files = {
        "file_format": "raw",
        "sample_size": size,
        "shard_size": 1 * MB,
        "read_size": device.read_size,
        "queue_depth": flight,
        "sequential_latency": device.sequential_latency,
        "metadata_requests": 0,
        **device.requests,
    }
    shuffled, scan = (
        access.sample_time(order=order, **files).total for order in ("shuffled", "sequential")
    )
    return shuffled / scan


def formats():
    """File formats on a disk, in order and shuffled."""
    names = {"raw": "One file each", "tfrecord": "TFRecord", "webdataset": "WebDataset"}
    orders = {"sequential": ("in order", TRANSFER), "shuffled": ("shuffled", WAIT)}
    figure, axes = chart("photographs read from a hard disk", "", log="")
    rows(axes, list(names.values()))
    got = {}
    for row, file_format in enumerate(names):
        for lane, (order, (word, colour)) in enumerate(orders.items()):
            asked = {"order": order, "file_format": file_format, "shard_size": amount(256 * MB)}
            seen = _PART.evaluate(CLOUD, _ARRIVAL | asked).throughput
            got[file_format, order] = seen
            y = row + 0.38 * lane - 0.19
            axes.barh(y, seen, 0.34, **filled(colour))
            say(axes, f"{word}: {rate(seen)}", (seen, y))
    axes.set_xlim(0, HDD.bandwidth)
    ticks(axes.xaxis, [0, 100 * MB / S, 200 * MB / S], rate)
    return (
        figure,
        f"One file per photograph gives {rate(got['raw', 'sequential'])} in order and "
        f"{rate(got['raw', 'shuffled'])} shuffled. TFRecord and WebDataset give about "
        f"{rate(got['tfrecord', 'shuffled'])} in either order.",
        f"Photographs on a hard disk, one reader, shards of {amount(256 * MB)}. “Shuffled” is "
        "sample by sample for files; for shards it is shard by shard, and a buffer does the rest.",
    )


def shuffle_buffer():
    """What a buffer and several open shards buy back of a full shuffle."""
    shard = 256 * MB
    stream = {
        "shard_samples": shard / RESNET50.sample_size,
        "samples": CLOUD.dataset_size / RESNET50.sample_size,
    }
    buffers = np.geomspace(1, 1e6, 200)
    figure, axes = chart("samples in the buffer", "chance that two neighbours share a shard")
    for shards, colour, dash in ((1, WAIT, "-."), (4, COMPUTE, "--"), (16, TRANSFER, "-")):
        chance = access.same_shard_probability(interleave=shards, shuffle_buffer=buffers, **stream)
        axes.plot(buffers, chance, color=colour, linestyle=dash)
        word = "1 shard open" if shards == 1 else f"{shards} open"
        say(axes, word, (1.5, chance[0]), (0, -9))
    axes.axvline(stream["shard_samples"], color=INK, ls=":", lw=1.2)
    say(axes, "a buffer of\none shard", (stream["shard_samples"], 0.003), (-6, 0), ha="right")
    axes.set(xlim=(1, 1e6), ylim=(1e-3, 1.3))
    ticks(axes.xaxis, [1, 100, 10_000, 1_000_000], lambda n: f"{n:,}")
    ticks(axes.yaxis, [0.001, 0.01, 0.1, 1], lambda p: f"{number(100 * p)} %")
    need = {
        k: buffers[np.argmax(access.same_shard_probability(
            interleave=k, shuffle_buffer=buffers, **stream) < 0.01)]
        for k in (1, 16)
    }  # fmt: skip
    return (
        figure,
        "With a small buffer the chance is one over the number of open shards. It falls only when "
        "the buffer is larger than the open shards together, and then all curves meet: below 1 % "
        f"from about {number(need[1])} samples on, with 1 shard open or with 16.",
        f"What a shuffle buffer buys back, for shards of {amount(shard)} "
        f"({stream['shard_samples']:,.0f} photographs). Several open shards help at once; a buffer "
        "helps only when it is larger than a shard.",
    )


def lab_access():
    """The waterfall of the first workbench as the cloud track finds it."""
    seen = _PART.evaluate(CLOUD, _ARRIVAL)
    times, steps, load, count = seen.sample_time, seen.timeline, seen.workload, 6
    waits = seen.batch * (times.metadata_time + times.wait_time)
    moves = seen.batch * times.transfer_time
    figure, axes = chart("time", "", log="", height=3.4)
    rows(axes, [f"step {step}" for step in range(1, count + 1)])
    for row in range(count):
        axes.barh(row - 0.18, waits, 0.36, steps.load_start[row], **filled(WAIT))
        axes.barh(row - 0.18, moves, 0.36, steps.load_start[row] + waits, **filled(TRANSFER))
        axes.barh(row + 0.18, load.step_time, 0.36, steps.compute_start[row], **filled(COMPUTE))
    say(axes, "wait (striped), transfer", (steps.compute_end[0], -0.18))
    say(axes, "compute", (steps.compute_end[0], 0.18), (6, -3))
    axes.set(xlim=(0, steps.compute_end[-1]), ylim=(count - 0.5, -0.5))
    ticks(axes.xaxis, [0, 5, 10, 15, 20], duration)
    return (
        figure,
        f"In each step the disk spends {duration(waits)} opening files and waiting for requests "
        f"and {duration(moves)} moving bytes; then the GPUs compute for {duration(load.step_time)} "
        "and wait again.",
        "The lab as the cloud track finds it: one file per photograph, a hard disk, one worker, "
        "stored order. Six steps of training.",
    )


STILLS = (
    wall,
    positioning,
    queue_depth,
    knee,
    readahead,
    order_ratio,
    formats,
    shuffle_buffer,
    lab_access,
)
