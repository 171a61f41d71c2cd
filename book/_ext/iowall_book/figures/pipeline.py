"""Stills of Part 2: tiers in series, caches, buffers, and what a balanced design costs."""

import numpy as np

from iowall import parts
from iowall.hardware import QSPI_NOR
from iowall.models import access, pipeline, streaming
from iowall.parts.pipeline_size import SIZES, size
from iowall.scenarios import TRACKS
from iowall.trust import ROWS
from iowall.units import MS, TB, amount, duration, number
from iowall.views.theme import COMPUTE, LOCAL, REST, TRANSFER, WAIT

from .canvas import INK, chart, filled, panels, percent, rate, rows, say, ticks

CLOUD = TRACKS["cloud"]
TINY = TRACKS["tiny"]

_WORDS = CLOUD.pipeline
_ARRIVAL = parts.part("pipeline").evaluate(CLOUD, {})
_START = _ARRIVAL.design
_DEMAND = access.demand(**_WORDS.workload.demand)


def lab_pipeline():
    """The flow of bytes through the tiers as the cloud track finds them, in the first epoch."""
    rates = _ARRIVAL.rates.cold
    tiers, pace = _WORDS.tiers, float(rates.line)
    most = (_WORDS.store_bandwidth, _START["link"], _START["disk_bandwidth"],
            _WORDS.memory_bandwidth, _DEMAND)  # fmt: skip
    figure, axes = panels(1, height=3.6)
    axes.set_axis_off()
    widest = 1.7 * _DEMAND
    ghost = np.minimum(most, widest) / 2
    y = np.arange(len(tiers))
    fine = np.linspace(0, 1, 30)
    bend = fine * fine * (3 - 2 * fine)
    for above in y[:-1]:
        side = ghost[above] + (ghost[above + 1] - ghost[above]) * bend
        axes.fill_betweenx(above + fine, -side, side, color=REST, alpha=0.25, lw=0)
    axes.fill_betweenx([0, y[-1]], -pace / 2, pace / 2, color=TRANSFER, alpha=0.9, lw=0)
    binding = str(rates.binding)
    spare = min(limit / pace for tier, limit in zip(tiers, most, strict=True) if tier != binding)
    for row, (tier, name) in enumerate(tiers.items()):
        binds = tier == binding
        axes.barh(row, 2 * ghost[row], 0.08 + 0.08 * binds, -ghost[row], zorder=2,
                  **filled(WAIT if binds else REST))  # fmt: skip
        say(axes, name, (-widest / 2, row), (-6, 0), ha="right", weight="bold")
        limit = f"asks for {rate(most[row])}" if tier == "accelerator" else f"of {rate(most[row])}"
        say(axes, f"{limit}{', binds' if binds else ''}", (widest / 2, row))
    say(axes, rate(pace), (0, 0), (0, 12), ha="center")
    axes.set(ylim=(len(tiers) - 0.8, -0.5), xlim=(-widest / 2, widest / 2))
    return (
        figure,
        f"{rate(pace)} flow from {tiers['store']} through the {tiers['link']} to the "
        f"{tiers['accelerator']}, which ask for {rate(_DEMAND)}. The {tiers[binding]} is full and "
        f"binds; every other tier could carry at least {number(spare)} times as much.",
        f"The lab as the cloud track finds it, in the first epoch. The dark band is what flows, "
        f"the pale one what each tier could carry (drawn up to {rate(widest)}). The "
        f"{tiers[binding]}, striped, binds.",
    )


def epochs():
    """Supply in the first epoch and in later ones, against the room of the local disk."""
    disk_size = np.linspace(0, 1.2 * CLOUD.dataset_size, 241)
    rates = pipeline.epoch_rates(
        dataset_size=CLOUD.dataset_size,
        store_bandwidth=_WORDS.store_bandwidth,
        link_bandwidth=_START["link"],
        disk_bandwidth=_START["disk_bandwidth"],
        disk_size=disk_size,
        memory_bandwidth=_WORDS.memory_bandwidth,
        memory_size=0.0,
        demand=_DEMAND,
        policy="pinned",
    )
    cold, warm = (np.broadcast_to(each.supply, disk_size.shape) for each in rates)
    best = int(np.argmax(warm))
    figure, axes = chart("room on the local NVMe", "supply to the accelerators", log="")
    axes.plot(disk_size, warm, color=LOCAL)
    axes.plot(disk_size, cold, color=TRANSFER, linestyle="--")
    axes.axhline(_DEMAND, color=INK, ls=":", lw=1.2)
    axes.plot(disk_size[best], warm[best], "o", color=LOCAL)
    say(axes, "demand", (0, _DEMAND), (4, 8))
    say(axes, "first epoch", (disk_size[-1], cold[-1]), (0, -9), ha="right")
    rising = best // 2
    say(axes, "later epochs:\nthe link binds", (disk_size[rising], warm[rising]), (-6, 14),
        ha="right")  # fmt: skip
    say(axes, "the disk binds", (disk_size[best + 20], warm[best + 20]), (8, 6))
    axes.set(xlim=(0, disk_size[-1]), ylim=(0, 1.15 * _DEMAND))
    ticks(axes.xaxis, [0, 4 * TB, 8 * TB, 12 * TB], amount)
    ticks(axes.yaxis, [0, 0.5e9, 1e9, 1.5e9], rate)
    return (
        figure,
        f"In the first epoch the supply is {rate(cold[0])}, however large the disk. In later "
        f"epochs it rises with the room, to {rate(warm[best])} at {amount(disk_size[best])}, and "
        f"falls again to {rate(warm[-1])}, because all bytes then come from the disk.",
        f"Room helps after the first epoch, until the disk's own "
        f"{rate(_START['disk_bandwidth'])} bind; at the peak the link is as busy as the "
        f"disk. A link of {rate(_START['link'])}, {amount(CLOUD.dataset_size)} of data; what "
        "came first stays.",
    )


def hit_ratios():
    """What a cache of part of the data set serves, by what it keeps; and what was measured."""
    share = np.linspace(0, 1, 201)
    figure, axes = chart(
        "share of the data set that fits", "share of the bytes served", log="", height=4.2
    )
    lines = (
        ("pinned", "pinned", COMPUTE, "-", (0.4, -6, 6, "right")),
        ("random", "random", TRANSFER, "--", (0.5, -6, 8, "right")),
        ("lru", "LRU", LOCAL, "-.", (0.8, 8, -6, "left")),
        ("lru_scan", "LRU, in stored order", WAIT, ":", (0.98, 0, 9, "right")),
    )
    served = {}
    for policy, word, colour, dash, (x, dx, dy, align) in lines:
        served[policy] = pipeline.hit_ratio(cache_size=share, dataset_size=1.0, policy=policy)
        partly = share < 1 if policy == "lru_scan" else share <= 1
        axes.plot(share[partly], served[policy][partly], color=colour, linestyle=dash)
        say(axes, word, (x, np.interp(x, share, served[policy])), (dx, dy), ha=align)
    for (what, x), missed in _measured().items():
        axes.plot(x, 1 - missed, _MARKS[what], color=INK, mfc="none", mew=1.6)
    axes.set(xlim=(0, 1), ylim=(-0.02, 1.02))
    for axis in (axes.xaxis, axes.yaxis):
        ticks(axis, [0, 0.5, 1], percent)
    third = {policy: values[70] for policy, values in served.items()}
    return (
        figure,
        f"Of a data set of which 35 % fit, a pinned part serves {percent(third['pinned'])}, random "
        f"replacement {percent(third['random'])}, LRU {percent(third['lru'])}, and LRU under a "
        "repeated scan nothing. The points measured with a shuffled page cache lie on random "
        "replacement, those of a pinned part on its line.",
        "What a cache smaller than the data set serves, read once an epoch. Points: measured with "
        "CoorDL, ○ pinned, △ page cache in shuffled order, □ in stored order.",
    )


_PINNED, _SHUFFLED, _SCANNED = (
    "A pinned part (the paper's MinIO), shuffled",
    "Page cache, shuffled",
    "Page cache, DALI-seq",
)
_MARKS = {_PINNED: "o", _SHUFFLED: "^", _SCANNED: "s"}


def _measured():
    """What the trust page quotes of CoorDL: missed share, by what was measured and what fits."""
    return {
        (row.what, float(row.inputs.partition(" %")[0]) / 100): row.published / 100
        for row in ROWS
        if row.what in _MARKS
    }


def jitter_deficit():
    """Batches held ahead absorb jitter, never a deficit."""
    ahead = np.arange(21)
    figure, axes = chart("batches held ahead", "share of the demand that is met", log="")
    lines = ((1.25, COMPUTE, "-", 9), (1.0, TRANSFER, "--", -14), (0.5, WAIT, "-.", -10))
    met = {}
    for supply, colour, dash, below in lines:
        met[supply] = pipeline.line_rate(load_rate=supply, compute_rate=1.0, prefetch=ahead)
        axes.plot(ahead, met[supply], color=colour, linestyle=dash)
        text = f"supply {percent(supply)} of the demand"
        say(axes, text, (ahead[-1], met[supply][-1]), (0, below), ha="right")
    axes.set(xlim=(0, 20), ylim=(0, 1.15))
    ticks(axes.xaxis, [0, 5, 10, 15, 20], str)
    ticks(axes.yaxis, [0, 0.5, 1], percent)
    return (
        figure,
        "Where the supply is 125 % of the demand on average, batches held ahead raise what is met "
        f"from {percent(met[1.25][0])} to {percent(met[1.25][-1])}; where it equals the demand, to "
        f"{percent(met[1.0][-1])}. Where it is half of the demand, it stays at "
        f"{percent(met[0.5][-1])}.",
        "A buffer absorbs jitter, never a deficit. Loading and computing times are random here "
        "(exponential), so that even a sufficient supply is late now and then.",
    )


def pause():
    """Frames held ahead while a flash erases and answers nobody."""
    frame_time = TINY.pipeline.workload.step_time
    erase = TINY.pipeline.policies["pinned"].stall_time
    frames, hit = np.arange(24), 10
    latency = np.full(frames.size, TINY.pipeline.workload.sample_size / QSPI_NOR.bandwidth)
    latency[hit] += erase
    delivery = streaming.delivery_time(latency=latency, frame_time=frame_time)
    turn = frames * frame_time
    figure, both = panels(2, height=3.8, sharex=True)
    silent = {}
    for axes, held in zip(both, (3, 5), strict=True):
        there = turn - held * frame_time + delivery
        ready = np.sum((there <= turn[:, None]) & (turn >= turn[:, None]), axis=1)
        time = (turn - turn[hit - held]) / MS  # since the read that an erase goes before
        shown, late = (-25 < time) & (time < 85), there > turn
        axes.axvspan(0, erase / MS, color=REST, alpha=0.3, lw=0)
        axes.bar(time[shown], ready[shown], 6, color=TRANSFER)
        axes.plot(time[late], [0.4] * sum(late), "x", color=WAIT, markersize=9, mew=2.6)
        axes.set_title(f"frames ready, with room for {held}")
        axes.set_ylim(0, 6.4)
        ticks(axes.yaxis, [0, held], str)
        silent[held] = int(sum(late))
        if silent[held]:
            say(axes, "silence", (time[late].mean(), 0.4), (0, 14), ha="center")
    say(both[0], f"an erase, {duration(erase)}", (erase / 2 / MS, 5.4), (0, 0), ha="center")
    both[1].set_xlabel("time since the erase began")
    ticks(both[1].xaxis, [-20, 0, 20, 40, 60, 80], lambda t: f"{t} ms")
    return (
        figure,
        f"While the flash erases for {duration(erase)}, the frames held ahead are used up. With "
        f"room for 3 the sound stops for {silent[3] or 'no'} frames; with room for 5 it stops for "
        f"{silent[5] or 'none'}.",
        f"Frames of {duration(frame_time)}, and how many are ready when one's turn comes. A pause "
        "is bridged by what is held ahead of it, or not at all.",
    )


def balance():
    """Two designs that feed the accelerators equally well, and how much too much they pay for."""
    sliders = _WORDS.sliders
    grid = np.meshgrid(*(sliders[part].options for part in SIZES), indexing="ij")
    result = size(CLOUD, policy="pinned", **dict(zip(SIZES, grid, strict=True)))
    fed, price = result.utilization, result.price
    lean = np.unravel_index(np.where(result.good, price, np.inf).argmin(), fed.shape)
    equal = np.abs(fed - fed[lean]) < 0.001
    rich = np.unravel_index(np.where(equal, price, 0).argmax(), fed.shape)
    figure, axes = chart("times what the line needs of it", "", height=2.9, log="x")
    over = {part: np.broadcast_to(of, fed.shape) for part, of in result.over.items()}
    rows(axes, [sliders[part].title for part in over])
    for row, of in enumerate(over.values()):
        axes.plot([of[lean], of[rich]], [row, row], color=REST, lw=1.5)
        axes.plot(of[lean], row, "o", color=COMPUTE)
        axes.plot(of[rich], row, "s", color=WAIT)
    axes.axvline(1, color=INK, ls=":", lw=1.2)
    most, least = over["link"][rich], over["link"][lean]
    say(axes, f"● {number(price[lean])} $/h", (least, -0.5))
    say(axes, f"■ {number(price[rich])} $/h", (most, -0.5), ha="right")
    axes.set_ylim(len(over) - 0.5, -0.9)
    ticks(axes.xaxis, [0.5, 1, 2, 4, 8], lambda n: f"{number(n)} ×")
    return (
        figure,
        f"Both designs keep the GPUs busy for {percent(fed[lean])} of the time. One costs "
        f"{number(price[lean])} $ an hour and has {least:.1f} times the link that the line "
        f"needs; the other costs {number(price[rich])} $ and has {most:.1f} times.",
        f"Two designs of equal utilization, {percent(fed[lean])} over {_WORDS.run}. What lies "
        "right of the dotted line is paid for and idles; left of it, part of the data stays in the "
        "store.",
    )


STILLS = (lab_pipeline, epochs, hit_ratios, jitter_deficit, pause, balance)
