"""Stills of Part 3: the price of saving against the price of failing."""

from functools import partial

import numpy as np

from iowall import hardware, parts
from iowall.models import checkpoint, streaming
from iowall.scenarios import TRACKS
from iowall.trust import ROWS
from iowall.units import DAY, HOUR, MINUTE, S, amount, duration, number
from iowall.views.theme import CHOICE, COMPUTE, LOCAL, REST, TRANSFER, WAIT

from .canvas import INK, chart, clock, filled, percent, rate, say, ticks

_CLOUD, TINY = TRACKS["cloud"], TRACKS["tiny"]
_WORDS = _CLOUD.checkpoint
_RUN = {"mtbf": _WORDS.mtbf, "restart_time": 10 * MINUTE}
_STATE = _WORDS.states[0].size


def _published(what):
    """A published figure that the trust page quotes."""
    return next(row.published for row in ROWS if row.what == what)


def _node_mtbf(cluster):
    """Time between failures of one node, at the rate that the trust page quotes."""
    rows = (row for row in ROWS if row.what.startswith(cluster) and "failures" in row.arguments)
    return 1000 * DAY / next(rows).arguments["failures"]


_RSC1, _RSC2 = _node_mtbf("RSC-1"), _node_mtbf("RSC-2")


def fleet_mtbf():
    """How often a job fails, by its number of nodes."""
    nodes = np.geomspace(1, 20_000, 50)
    figure, axes = chart("nodes of eight GPUs", "mean time between failures", height=3.6)
    lines = (("RSC-2", _RSC2, TRANSFER, "--", (8, 8)), ("RSC-1", _RSC1, WAIT, "-", (-44, -10)))
    for word, node_mtbf, colour, dash, offset in lines:
        mtbf = checkpoint.cluster_mtbf(node_mtbf=node_mtbf, nodes=nodes)
        axes.plot(nodes, mtbf, color=colour, linestyle=dash)
        say(axes, word, (nodes[15], mtbf[15]), offset)
    llama = _published("Llama 3, measured at 16,384 GPUs") * HOUR
    job = _published("RSC-1, measured at 1,024 GPUs") * HOUR
    axes.plot([1_024 / 8, 16_384 / 8], [job, llama], "D", color=INK, ls="")
    say(axes, f"a job on RSC-1:\n{duration(job)}", (1_024 / 8, job), (-10, -2), ha="right")
    say(axes, f"Llama 3:\n{duration(llama)}", (16_384 / 8, llama), (4, 26))
    axes.set_xlim(1, 20_000)
    ticks(axes.xaxis, [1, 10, 100, 1_000, 10_000], lambda n: f"{n:,}")
    ticks(axes.yaxis, [HOUR, 10 * HOUR, 5 * DAY, 50 * DAY, 500 * DAY], clock)
    one, many = (checkpoint.cluster_mtbf(node_mtbf=_RSC1, nodes=n) for n in (1, 1_024))
    return (
        figure,
        f"At RSC-1's rate one node fails every {duration(one)} and a job of 1,024 nodes every "
        f"{duration(many)}. A job of 128 nodes was measured to fail every {duration(job)}, well "
        f"below that line; Llama 3 on 2,048 nodes every {duration(llama)}, between the two lines.",
        "More nodes, more failures: a job stops when any of its nodes does. Lines: the published "
        "rates of two clusters, RSC-1 and RSC-2. Diamonds: measured jobs, which neither line "
        "predicts.",
    )


def interval_waste():
    """Waste against the interval between saves, for three write times: where ten minutes lies."""
    interval = np.geomspace(1 * MINUTE, 12 * HOUR, 200)
    figure, axes = chart("interval between saves", "share of the time wasted", log="x")
    best = {}
    for write_time, colour, dash in (
        (350 * S, WAIT, "-."),
        (60 * S, COMPUTE, "--"),
        (7 * S, TRANSFER, "-"),
    ):
        wasted = checkpoint.waste(interval=interval, write_time=write_time, **_RUN).total
        axes.plot(interval, wasted, color=colour, linestyle=dash)
        best[write_time] = checkpoint.optimal_interval(write_time=write_time, mtbf=_RUN["mtbf"])
        least = checkpoint.waste(interval=best[write_time], write_time=write_time, **_RUN).total
        axes.plot(best[write_time], least, "o", color=colour)
        at = wasted[3] + 0.06
        say(axes, f"{write_time:.0f} s a save", (interval[3], at))
    axes.axvline(10 * MINUTE, color=INK, lw=1.2, linestyle=":")
    axes.set(ylim=(0, 1), xlim=(interval[0], interval[-1]))
    ticks(axes.xaxis, [1 * MINUTE, 10 * MINUTE, 1 * HOUR, 10 * HOUR], clock)
    ticks(axes.yaxis, [0, 0.5, 1], percent)
    lowest = [f"{time / MINUTE:.0f}" for time in best.values()]
    return (
        figure,
        "Three curves that fall and rise again; the longer a save takes, the further right and the "
        f"higher lies the lowest point: {lowest[2]}, {lowest[1]} and {lowest[0]} minutes. Ten "
        "minutes is near the first.",
        f"A failure every {duration(_RUN['mtbf'])}, a restart of "
        f"{_RUN['restart_time'] / MINUTE:.0f} minutes. The dotted line is at ten minutes: "
        "about right for a save of 7 s, much too often for one of 350 s.",
    )


def goodput_wall():
    """The share of the time that is progress, as saving and computing near the MTBF."""
    a = np.geomspace(0.01, 10, 200)
    figure, axes = chart(
        "(interval + save) / time between failures", "share that is progress", log="x"
    )
    shares = {}
    for part, word, colour, dash, at in (
        (0.0, "saves cost nothing", COMPUTE, "-", 0.03),
        (0.1, "a save takes 10 % of it", TRANSFER, "--", 0.012),
        (0.5, "a save takes half of it", WAIT, "-.", 0.012),
    ):

        def progress(period, part=part):
            return checkpoint.goodput(
                interval=(1 - part) * period, write_time=part * period, mtbf=1.0, restart_time=0.0
            )

        axes.plot(a, progress(a), color=colour, linestyle=dash)
        say(axes, word, (at, progress(at)), (0, 10 if part == 0 else -16))
        shares[part] = progress(1.0), progress(4.0)
    axes.axvline(1, color=INK, lw=1.2, ls=":")
    axes.set(xlim=(a[0], a[-1]), ylim=(0, 1.1))
    ticks(axes.xaxis, [0.01, 0.1, 1, 10], number)
    ticks(axes.yaxis, [0, 0.5, 1], percent)
    return (
        figure,
        "While a period is short against the time between failures, the share of progress is "
        f"nearly flat. Where they are equal it is at most {percent(shares[0.0][0])}, at four times "
        f"{percent(shares[0.0][1])}, and then nothing.",
        "The cliff. A period is an interval and its save; once it is as long as the time between "
        "failures (dotted), most periods are lost before they are saved. Restarts are left out.",
    )


def simulated_runs():
    """A thousand simulated months, saving every ten minutes and at the best interval."""
    write_time = 60 * S
    pair = {"write_time": write_time, "mtbf": _RUN["mtbf"]}
    month = _RUN | {"work": 30 * DAY, "write_time": write_time}
    best = checkpoint.optimal_interval(**pair)
    figure, axes = chart("a month of work takes", "simulated runs", log="")
    cases = ((10 * MINUTE, WAIT, (8, "left")), (best, COMPUTE, (-8, "right")))
    means, spreads, highest = [], [], 0
    for interval, colour, (aside, align) in cases:
        runs = checkpoint.simulate_runs(interval=interval, runs=1000, seed=1, **month)
        days = runs.wall_time / DAY
        means.append(checkpoint.wall_time(interval=interval, **month) / DAY)
        spreads.append(" to ".join(map(number, np.percentile(days, (5, 95)))))
        counts, *_ = axes.hist(days, np.arange(33, 38, 0.1), **filled(colour, 0.8))
        highest = max(highest, counts.max())
        axes.axvline(means[-1], color=INK, lw=1.6, ls="--")
        say(axes, f"every {duration(interval)}", (means[-1], 1.12 * highest), (aside, 0), ha=align)
    axes.set(xlim=(33.5, 36.7), ylim=(0, 1.25 * highest))
    ticks(axes.xaxis, [34, 35, 36], lambda d: f"{d} days")
    ticks(axes.yaxis, [0, 100, 200], str)
    return (
        figure,
        f"A thousand runs that save every 10 minutes take {spreads[0]} days in nine cases of ten; "
        f"the formula says {number(means[0])}. Saving every {duration(best)} they take "
        f"{spreads[1]}; the formula says {number(means[1])}.",
        f"1,000 simulated months each: a save of {duration(write_time)}, a failure every "
        f"{duration(_RUN['mtbf'])}. Dashed: the formula's mean. Luck moves a run by less than the "
        "choice of the interval does.",
    )


def _save(nodes, strategy):
    return checkpoint.write_time(
        checkpoint_size=_STATE,
        writers=nodes,
        writer_bandwidth=_WORDS.writer_bandwidth,
        storage_bandwidth=hardware.FSX_LARGE.bandwidth,
        strategy=strategy,
    )


def storm():
    """How long a save takes by who writes what, against the number of nodes."""
    nodes = np.geomspace(1, 4096, 100)
    figure, axes = chart("nodes", "time of one save")
    lines = (
        ("replicated", "every node, a full copy", WAIT, "-.", (40, -8, 4, "right")),
        ("single", "one node, all of it", LOCAL, "--", (100, 0, 9, "left")),
        ("sharded", "every node, its shard", TRANSFER, "-", (100, 0, -9, "left")),
    )
    for strategy, word, colour, dash, (at, dx, dy, align) in lines:
        times = np.broadcast_to(_save(nodes, strategy), nodes.shape)
        axes.plot(nodes, times, color=colour, linestyle=dash)
        say(axes, word, (at, np.interp(at, nodes, times)), (dx, dy), ha=align)
    here = _WORDS.writers
    copies = _save(here, "replicated")
    axes.plot(here, copies, "o", color=WAIT)
    say(axes, duration(copies), (here, copies), (-8, 4), ha="right")
    axes.set(xlim=(1, 4096), ylim=(1, 3e4))
    ticks(axes.xaxis, [1, 8, 64, 512, 4096], lambda n: f"{n:,}")
    ticks(axes.yaxis, [1, 10, 100, 1_000, 10_000], lambda t: f"{t:,} s")
    return (
        figure,
        f"One node writes {amount(_STATE)} in {duration(_save(1, 'single'))}, and shards take "
        f"{duration(_save(here, 'sharded'))} however many nodes there are. Full copies take longer "
        f"with every node: {duration(copies)} with {here:,}.",
        f"The checkpoint storm: {amount(_STATE)} into a store of "
        f"{rate(hardware.FSX_LARGE.bandwidth)}. It is not the nodes that bring the store down, but "
        "what each of them writes.",
    )


def local_first():
    """Saving locally first frees the run, and tempts it to keep the store busy."""
    interval = np.geomspace(10 * S, 3 * HOUR, 200)
    state = _WORDS.states[1]
    size, store = state.size, hardware.FSX_LARGE
    times = checkpoint.local_first(
        checkpoint_size=size,
        writers=_WORDS.local_writers,
        local_bandwidth=_WORDS.local_bandwidth,
        writer_bandwidth=_WORDS.drain_bandwidth,
        storage_bandwidth=store.bandwidth,
    )
    direct = checkpoint.write_time(
        checkpoint_size=size,
        writers=_WORDS.writers,
        writer_bandwidth=_WORDS.writer_bandwidth,
        storage_bandwidth=store.bandwidth,
        strategy="sharded",
    )
    ways = {"store": (direct, direct), "local": (times.blocked_time, times.drain_time)}
    busy, waits, best = {}, {}, {}
    for way, (blocked, drain) in ways.items():
        best[way] = float(checkpoint.optimal_interval(write_time=blocked, mtbf=_WORDS.mtbf))
        busy[way], waits[way] = (
            partial(checkpoint.store_busy_share, write_time=blocked, drain_time=time)
            for time in (drain, blocked)
        )
    figure, axes = chart("interval between saves", "share of the time", height=3.8)
    axes.plot(interval, busy["local"](interval=interval), color=TRANSFER, lw=4)
    axes.plot(interval, waits["store"](interval=interval), color=WAIT, ls="--", lw=2)
    axes.plot(interval, waits["local"](interval=interval), color=WAIT, ls="-.")
    for way, word in (("store", "best straight to\nthe store"), ("local", "best local first")):
        here = best[way], busy[way](interval=best[way])
        axes.plot(*here, "o", color=INK)
        say(axes, f"{word}: {clock(best[way])}", here, (8, 13))
    limit = _WORDS.limits["busy"].value
    axes.axhline(limit, color=INK, lw=1.2, ls=":")
    say(axes, "what readers leave", (interval[-1], limit), (0, 8), ha="right")
    say(axes, "straight to the store:\nthe run waits while\nthe store is busy",
        (300, busy["store"](interval=300)), (-8, -20), ha="right")  # fmt: skip
    say(axes, "local first: the run waits", (150, waits["local"](interval=150)), (8, 7))
    axes.set(xlim=(interval[0], interval[-1]), ylim=(1e-5, 1))
    ticks(axes.xaxis, [10 * S, 1 * MINUTE, 10 * MINUTE, 1 * HOUR], clock)
    ticks(axes.yaxis, [1e-4, 1e-3, 0.01, 0.1, 1], lambda p: f"{number(100 * p)} %")
    at_best = {way: percent(busy[way](interval=best[way])) for way in ways}
    return (
        figure,
        f"Straight to the store the run waits as long as the store is busy; at the best interval, "
        f"{duration(best['store'])}, that is {at_best['store']} of the time. Local first the run "
        f"waits {number(direct / times.blocked_time)} times less, but at its best interval, "
        f"{duration(best['local'])}, the store is busy for {at_best['local']}, more than the "
        f"{percent(limit)} that its readers leave.",
        f"What is good for the run is bad for the store. A state of {amount(size)} in shards, a "
        f"store of {rate(store.bandwidth)} (solid: how long it is busy). Saving locally first "
        "makes a save so cheap that the best interval overloads the store behind it.",
    )


def wear():
    """How long a flash lasts, against how often it is saved to."""
    words = TRACKS["tiny"].checkpoint
    size, cycles = words.states[0].size, float(hardware.NOR_ERASE_CYCLES)
    year = 365 * 8 * HOUR  # of wearing it eight hours a day
    interval = np.geomspace(1 * S, 4 * HOUR, 50)
    figure, axes = chart("interval between saves", "the flash lasts (years, 8 h a day)", height=3.4)
    lines = (
        (hardware.NOR_SECTOR, "always the same sector", WAIT, "-."),
        (
            words.wear_area,
            f"{words.wear_area / hardware.NOR_SECTOR:.0f} sectors in turn",
            TRANSFER,
            "-",
        ),
    )
    life = {}
    for area, _, colour, dash in lines:

        def years(time, area=area):
            return (
                streaming.lifetime(
                    endurance=streaming.endurance(size=area, erase_cycles=cycles),
                    write_rate=size / time,
                    write_amplification=1.0,
                )
                / year
            )

        life[area] = years
        axes.plot(interval, years(interval), color=colour, linestyle=dash)
    asked = words.limits["life"].value / year
    axes.axhline(asked, color=INK, lw=1.2, ls=":")
    say(axes, f"asked for: {number(asked)} years", (4 * HOUR, asked), (0, -9), ha="right")
    say(axes, lines[1][1], (300, life[words.wear_area](300)), (-8, 6), ha="right")
    say(axes, lines[0][1], (40, life[hardware.NOR_SECTOR](40)), (8, -8))
    axes.set(xlim=(interval[0], interval[-1]), ylim=(0.005, 3000))
    ticks(axes.xaxis, [1 * S, 10 * S, 1 * MINUTE, 10 * MINUTE, 2 * HOUR], clock)
    ticks(axes.yaxis, [0.01, 0.1, 1, 10, 100, 1000], lambda y: f"{number(y)}")
    habit = words.habit
    return (
        figure,
        f"Saving every {duration(habit)} into one sector wears it out in "
        f"{number(life[hardware.NOR_SECTOR](habit) * year / HOUR)} h of use; spread over "
        f"{lines[1][1]} it lasts {number(life[words.wear_area](habit))} years. "
        f"{number(asked)} years need {duration(asked * habit / life[hardware.NOR_SECTOR](habit))} "
        f"in one sector, or {duration(asked * habit / life[words.wear_area](habit))} in all.",
        f"NOR flash bears {cycles:,.0f} erases of a sector. Saving a state of {amount(size)} twice "
        "as often halves its life; writing elsewhere each time prolongs it.",
    )


def lab_checkpoint():
    """The Young-Daly plot as the cloud track finds it."""
    part = parts.part("checkpoint")
    here = part.evaluate(_CLOUD, part.start(_CLOUD))
    interval = np.geomspace(5 * MINUTE, DAY, 160)
    curve = checkpoint.waste(
        interval=interval,
        write_time=here.pause,
        mtbf=here.mtbf,
        restart_time=here.restart_time,
    )
    causes = np.broadcast_arrays(curve.restarts, curve.lost_work, curve.writing)
    edges = np.cumsum([np.zeros_like(interval), *causes], axis=0)
    figure, axes = chart("interval between saves", "share of the time wasted", height=3.6, log="x")
    looks = (filled(REST, 0.3), filled(WAIT, 0.75), filled(TRANSFER, 0.9))
    for below, above, look in zip(edges, edges[1:], looks, strict=False):
        axes.fill_between(interval, below, above, **look)
    axes.plot(interval, edges[-1], color=INK)
    optima = {
        "Young": (here.young, ":"),
        "Daly": (here.daly, "--"),
        "exact": (here.best, "-"),
    }
    for height, (name, (time, dash)) in zip((1.3, 1.2, 1.1), optima.items(), strict=True):
        axes.plot([time, time], [0, height], color=INK, lw=1.4, ls=dash)
        aside, align = (6, "left") if name == "Young" else (-6, "right")
        say(axes, f"{name}: {duration(time)}", (time, height), (aside, 0), ha=align)
    axes.plot(here.interval, here.waste.total, "D", color=CHOICE, markersize=10)
    say(axes, "here", (here.interval, here.waste.total), (0, 15), ha="center")
    axes.set(xlim=(interval[0], interval[-1]), ylim=(0, 1.36))
    for word, at, height in (("writing", 15 * MINUTE, 0.6), ("lost work", 6 * HOUR, 0.5)):
        axes.text(at, height, word, ha="center", va="center")
    ticks(axes.xaxis, [10 * MINUTE, 1 * HOUR, 10 * HOUR], clock)
    ticks(axes.yaxis, [0, 0.5, 1], percent)
    return (
        figure,
        f"Saving every {duration(here.interval)} wastes {percent(here.waste.total)} of "
        f"the time, most of it on writing and on lost work. No interval wastes less than "
        f"{percent(here.least)}, at {duration(here.best)}.",
        f"The lab as the cloud track finds it: {_WORDS.writers:,} full copies, a save of "
        f"{duration(here.pause)}, a failure every {duration(here.mtbf)}.",
    )


STILLS = (
    fleet_mtbf,
    interval_waste,
    goodput_wall,
    simulated_runs,
    storm,
    local_first,
    wear,
    lab_checkpoint,
)
