"""Part 2, Sizing the Pipeline: which tier binds, when, and what a balanced design costs."""

from functools import partial
from html import escape

import ipywidgets as widgets
import numpy as np

from iowall.labs import links
from iowall.labs.prediction import verdict
from iowall.labs.workbench import Lab, fact_list, now, restore, step_slider, titled
from iowall.models import access, pipeline, streaming
from iowall.units import DAY, KiB, amount, duration, number
from iowall.views.gauge import DataFlowGauge
from iowall.views.math_peek import MathPeek, fraction, least, row, subscript
from iowall.views.sankey import DataFlowSankey
from iowall.views.saturation import SaturationPlot

TARGET = 0.95  # utilization over the whole run
MOST_OVER = 3.0  # a part that is more times faster than the line is not balanced
ITERATIONS = 10
GOALS = {
    "fed": "fed",
    "balanced": "balanced",
    "within_budget": "within budget",
    "as_promised": "as promised",
}
HELPS = 1.01  # less of a gain is none
_SECTOR = 4 * KiB  # what one erase frees
_YEAR = 365 * DAY
EPOCHS = ("cold", "warm")
PARTS = ("buffer", "link", "disk_bandwidth", "disk_size")

INSTRUMENTS = (DataFlowSankey, DataFlowGauge, SaturationPlot, MathPeek)

REFLECTION = {
    "question": "Jeff Dean observes: your storage is 50 % idle while your GPUs starve: name the "
    "impedance mismatch. Use your own numbers; they stand above.",
    "note": "A question in the manner of that engineer, not a quotation. If your track has no "
    "GPUs, read its accelerator for them.",
    "rubric": (
        "name the two tiers that do not match, and the rate of each?",
        "say why the one that idles cannot help: its bytes never pass, or pass only in some "
        "epochs?",
        "say what you would move from the idle tier to the binding one?",
        "use a number of your own from this workbench?",
    ),
}


class PipelineWorkbench(widgets.VBox):
    """Controls, instruments, ten iterations; `_update` is where models run."""

    def __init__(self, *, track, ledger, save, asked):
        self._track, self._words = track, track.pipeline
        self._ledger, self._save = ledger, save
        words = self._words
        self.buffer, self.link, self.disk_bandwidth, self.disk_size = (
            step_slider(slider.options, partial(_step, slider))
            for slider in map(words.sliders.get, PARTS)
        )
        self.policy = widgets.ToggleButtons(
            options=[(policy.label, key) for key, policy in words.policies.items()]
        )
        self.epoch = widgets.ToggleButtons(options=list(zip(words.names, EPOCHS, strict=True)))
        self.controls = {
            "buffer": self.buffer,
            "link": self.link,
            "disk_bandwidth": self.disk_bandwidth,
            "disk_size": self.disk_size,
            "policy": self.policy,
            "epoch": self.epoch,
        }
        self.run = widgets.Button(button_style="primary", layout={"width": "auto"})
        self.sankey, self.gauge = DataFlowSankey(), DataFlowGauge()
        self.saturation, self.math = SaturationPlot(), MathPeek()
        self._verdict, self._numbers, self._goals = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._ran, self._path, self._mismatch = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._costs = {part: widgets.HTML() for part in PARTS}
        saved = ledger.settings.get("pipeline", {})
        restore(self.controls, words.start_values | saved)
        self.misfits = list(links.take(self.controls, asked))
        self._moved = saved.get("moved") if saved.get("moved") in PARTS else "link"

        boxes = {part: titled(words.sliders[part].title, self.controls[part]) for part in PARTS}
        for part, box in boxes.items():
            box.children = [*box.children, self._costs[part]]
        controls = widgets.GridBox([*boxes.values(), titled(words.policy, self.policy)])
        controls.add_class("iowall-controls")
        super().__init__(
            [
                widgets.HTML("<h4>Act and observe</h4>"),
                self._goals,
                controls,
                widgets.VBox([self.run, self._ran]),
                self._verdict,
                titled(f"{words.epoch.capitalize()} shown", self.epoch),
                self.sankey,
                self._numbers,
                self.gauge,
                self.saturation,
                self._path,
                self.math,
                self._mismatch,
            ]
        )
        self.add_class("iowall-workbench")
        for control in self.controls.values():
            control.observe(self._update, names="value")
        self.run.on_click(self._run)
        self._show_attempts()
        self._update()

    @property
    def _design(self):
        return {name: self.controls[name].value for name in (*PARTS, "policy")}

    @property
    def _attempts(self):
        return whole(self._track, self._ledger.attempts.get("pipeline", ()))

    def _update(self, change=None):
        for part in PARTS:
            if change and change["owner"] is self.controls[part]:
                self._moved = part
        design, epoch = self._design, self.epoch.value
        result = size(track=self._track, **design)
        moment = _moment(self._track, design, result, epoch)
        self._show_flow(moment, epoch)
        self._show_gauge(moment, result, epoch)
        self._show_saturation(design)
        self._show_math(design, result, epoch)
        self._show_words(design, result)
        self._show_verdict(design, result)
        self._show_mismatch(design)
        settings = design | {"epoch": epoch, "moved": self._moved}
        self._ledger.settings["pipeline"] = settings
        self._save()

    def _show_flow(self, moment, epoch):
        words = self._words
        busy, demand = moment["busy"], moment["demand"]
        whose = f"the {words.tiers['accelerator']}"
        wanted = amount(demand, "B/s")
        if self._track.direction == "read":
            gets = amount(busy * demand, "B/s")
            kept = moment["local"][-1]
            whence = f", {amount(kept, 'B/s')} of it kept in the {words.tiers['disk']}"
            text = f"{gets} reach {whose}{whence if kept else ''}; {wanted} would keep up."
        else:
            text = (
                f"{number(100 * busy)} % of what the log is to keep survives; {whose} make "
                f"{wanted}. Rates are for each second of driving."
            )
        self.sankey.show(
            epoch=words.names[EPOCHS.index(epoch)],
            names=[words.tiers[tier] for tier in moment["order"]],
            fresh=moment["fresh"],
            local=moment["local"],
            lost=moment["lost"],
            carried=moment["carried"],
            capacity=moment["capacity"],
            demand=demand,
            binding=moment["order"].index(moment["binding"]),
            arrives=text,
        )

    def _show_gauge(self, moment, result, epoch):
        words, order = self._words, moment["order"]
        at_work = [
            min(1.0, float(carried / most)) if most else 0.0
            for carried, most in zip(moment["carried"], moment["capacity"], strict=True)
        ]
        binding = order.index(moment["binding"])
        notes = [f"{100 * (1 - share):.0f} % idle" for share in at_work]
        notes[binding] = "its room binds" if moment["room"] and binding == 2 else "binds"
        self.gauge.show(
            names=[words.tiers[tier] for tier in order],
            at_work=at_work,
            notes=notes,
            binding=binding,
            sentence=_diagnosis(self._track, moment, at_work),
        )

    def _show_saturation(self, design):
        slider = self._words.sliders[self._moved]
        options = np.array(slider.options)
        result = size(track=self._track, **design | {self._moved: options})
        spread = lambda values: np.broadcast_to(values, options.shape)  # noqa: E731
        run = spread(result["utilization"])
        self.saturation.show(
            slider=slider.title,
            unit=slider.unit_name,
            steps=[number(step) for step in slider.steps],
            cold=spread(result["busy"].cold),
            warm=spread(result["busy"].warm),
            run=run,
            names=self._words.names,
            here=slider.options.index(design[self._moved]),
            knee=int(np.argmax(run >= run.max() - 0.005)),
            target=TARGET,
            attempts=[
                (
                    slider.options.index(attempt["settings"][self._moved]),
                    attempt["outcome"]["utilization"],
                )
                for attempt in self._attempts
            ],
        )

    def _show_math(self, design, result, epoch):
        words, load = self._words, self._words.workload
        rates, busy = getattr(result["rates"], epoch), getattr(result["busy"], epoch)
        share = float(getattr(result["shares"], epoch))
        rate = lambda value: "∞" if np.isinf(value) else amount(value, "B/s")  # noqa: E731
        uses = amount(result["demand"], "B/s")
        sample = ["N", "·", "B", "·", "S"]
        wanted = row(
            "demand", "=", fraction(sample, "t"), "=",
            fraction(
                [number(load.accelerators), "·", number(load.batch_size), "·",
                 amount(load.sample_size)],
                duration(load.step_time),
            ), "=", uses,
        )  # fmt: skip
        if self._track.direction == "read":
            letters = [
                [fraction(subscript("β", "store"), "m")],
                [fraction(subscript("β", "link"), "m")],
                [fraction(subscript("β", "disk"), "d")],
                [subscript("β", "memory")],
            ]
            meaning = (
                f"m = {number(share)} of the bytes come over the {words.tiers['link']}; a tier's "
                "bandwidth over the share of the bytes that pass it is its rate."
            )
        else:
            letters = [
                [fraction([subscript("β", "store"), "·", "P"], ["u", "·", "T"])],
                [fraction([subscript("β", "link"), "·", "P"], ["u", "·", "T"])],
                [fraction(subscript("β", "disk"), "w")],
                [fraction("C", ["u", "·", "T"])],
                [subscript("β", "memory")],
            ]
            choice = words.policies[design["policy"]]
            meaning = (
                f"w = {number(choice.written)} of the stream is written and u = "
                f"{number(choice.uploaded)} uploaded, in P = {duration(words.park_time)} after T = "
                "1 h; C is the capacity. In the first shift nothing has to be uploaded yet."
            )
        supply = row("supply", "=", least(*letters))
        put_in = row("=", least(*[[rate(value)] for value in rates[:-1]]), "=", rate(rates.supply))
        late = min(1.0, float(rates.supply / result["demand"])) - float(busy)
        used = row(
            "U", "=", least("1", [fraction("supply", "demand")]), "-", "j", "=",
            number(min(1.0, float(rates.supply / result["demand"]))), "-", number(max(late, 0.0)),
            "=", number(float(busy)),
        )  # fmt: skip
        self.math.show(
            equations=[wanted, supply, put_in, used],
            meaning=f"{words.names[EPOCHS.index(epoch)]}: {meaning} j is what jitter and pauses "
            "take, as far as the buffer does not bridge them.",
        )

    def _show_words(self, design, result):
        words = self._words
        for part in PARTS:
            slider = words.sliders[part]
            cost = design[part] / slider.unit * slider.price
            self._costs[part].value = (
                f'<span class="iowall-note">{escape(number(cost))} {escape(words.currency)} '
                f"({escape(number(slider.price))} for each {escape(slider.unit_name)})</span>"
            )
        busy, price = result["busy"], float(result["price"])
        most = max(result["over"], key=lambda part: result["over"][part])
        facts = [
            (
                "Whole run",
                f"{number(100 * result['utilization'])} %",
                f"{words.busy}, in {words.run}",
            ),
            *(
                (name, f"{number(100 * share)} %", note)
                for name, share, note in zip(words.names, busy, words.notes, strict=True)
            ),
            (
                "Price",
                f"{number(price)} {words.currency}",
                f"of {number(words.budget)}"
                + (", too much" if not result["goals"]["within_budget"] else ""),
            ),
            (
                "Most over-provided",
                f"{number(result['over'][most])} ×",
                f"{words.sliders[most].title}: what you pay for over what the line needs",
            ),
            *self._promise_facts(design, result),
        ]
        self._numbers.value = fact_list(facts)

    def _promise_facts(self, design, result):
        words = self._words
        if words.look_back:
            far = result["look_back"]
            text = "all of it" if np.isinf(far) else duration(far)
            yield ("Before an event", text, f"at hand; {duration(words.look_back)} are asked for")
        if words.longest_gap:
            yield (
                "Longest gap",
                duration(float(result["gap"])),
                f"in the {words.names[1].lower()}, at the longest pause of the flash",
            )
        if words.least_life:
            yield (
                "The flash lasts",
                f"{number(result['life'] / _YEAR)} years",
                f"of erasing; {number(words.least_life / _YEAR)} are asked for",
            )

    def _show_verdict(self, design, result):
        """The prediction was about more local room behind a slow link: compare with the arrival."""
        words = self._words
        arrival = {part: words.start_values[part] for part in ("disk_bandwidth", "disk_size")}
        before = size(track=self._track, **design | arrival)
        link, disk = words.tiers["link"], words.sliders["disk_size"].title
        helped, gains = _helped(result, before)
        if str(before["rates"].warm.binding) != "link":
            text = (
                f"With what you found on arrival behind it, this {link} is no bottleneck. Your "
                "prediction was about one that is: give it less bandwidth."
            )
        elif all(design[part] <= value for part, value in arrival.items()):
            text = (
                f"The {link} is too narrow, and you have added nothing behind it yet. Your "
                f"prediction was about what that does: move “{disk}”, and look at every "
                f"{words.epoch}."
            )
        else:
            text = verdict(
                prediction=self._ledger.predictions["pipeline"],
                options=words.options,
                answer=helped,
                value=max(1.0, *gains),
            )
            each = " and ".join(
                f"{name.lower()} {number(gain)}"
                for name, gain in zip(words.names, gains, strict=True)
            )
            text += f" Against the {words.tiers['disk']} of your arrival: {each} {words.factor}."
        self._verdict.value = f'<p class="iowall-verdict" role="status">{escape(text)}</p>'

    def _show_mismatch(self, design):
        """The student's own numbers for the reflection: the attempt that starved most."""
        attempts = self._attempts
        which = "the design on the sliders"
        if attempts:
            worst = min(attempts, key=lambda attempt: attempt["outcome"]["utilization"])
            which = f"your attempt {1 + attempts.index(worst)}"
            design = {name: worst["settings"][name] for name in (*PARTS, "policy")}
        result = size(track=self._track, **design)
        epoch = "cold" if result["busy"].cold < result["busy"].warm else "warm"
        moment = _moment(self._track, design, result, epoch)
        words, order = self._words, moment["order"]
        idle = {
            tier: 1 - min(1.0, float(carried / most)) if most else 1.0
            for tier, carried, most in zip(
                order, moment["carried"], moment["capacity"], strict=True
            )
        }
        storage = "disk" if moment["binding"] != "disk" else "store"
        accelerator = words.tiers["accelerator"]
        text = (
            f"{which}, {words.names[EPOCHS.index(epoch)].lower()}: "
            f"{_the(words.tiers[moment['binding']])} binds and {_the(words.tiers[storage])} is "
            f"{number(100 * idle[storage])} % idle, while the {accelerator} {words.starved}: "
            f"{number(100 * moment['busy'])} % instead of 100 %."
        )
        self._mismatch.value = (
            f'<p class="iowall-notice"><b>Your own numbers</b>, from {escape(text)}</p>'
        )

    # Iterations

    def _run(self, _button):
        """Use one iteration on the design as it stands."""
        design, attempts = self._design, self._ledger.attempts.setdefault("pipeline", [])
        if _left(attempts) == 0:
            return
        if attempts and attempts[-1]["settings"] == design:
            self._say("You have just run this design; change something first.")
            return
        attempt = {
            "settings": design,
            "outcome": outcome(self._track, design),
            "time": now(),
        }
        attempts.append(attempt)
        if (
            not any(one["outcome"].get("met") for one in attempts)
            and not len(attempts) % ITERATIONS
        ):
            attempt |= {"hint": hint(self._track, self._attempts), "fresh_iterations": ITERATIONS}
        self._show_attempts()
        self._update()

    def _say(self, text):
        self._ran.value = f'<p role="status">{escape(text)}</p>'

    def _show_attempts(self):
        words = self._words
        kept = self._ledger.attempts.get("pipeline", [])
        attempts, left = self._attempts, _left(kept)
        self.run.description = (
            f"Run this design (iteration {ITERATIONS + 1 - left} of {ITERATIONS})"
            if left
            else "All ten iterations are used"
        )
        self.run.disabled = not left
        last = attempts[-1] if attempts else None
        done = next((n for n, one in enumerate(attempts, 1) if one["outcome"]["met"]), None)
        met = [goal for goal in GOALS if last and last["outcome"].get(goal)]
        lines = "".join(
            f'<li class="{"iowall-met" if goal in met else "iowall-open"}">'
            f"{'✓' if goal in met else '○'} {escape(text)}</li>"
            for goal, text in _goals(words).items()
        )
        which = f"of attempt {len(attempts)}, your last" if last else "in one design"
        self._goals.value = f'<p>Your goal, {which}:</p><ul class="iowall-goals">{lines}</ul>' + (
            f'<p class="iowall-met">✓ Reached with attempt {done}.</p>' if done else ""
        )
        if last:
            self._say(_said(self._track, last, len(attempts)))
        if hints := [one["hint"] for one in kept if isinstance(one.get("hint"), str)]:
            self._ran.value += (
                f'<p class="iowall-notice">Ten iterations without success: here is a hint, and ten '
                f"more. {escape(hints[-1])}</p>"
            )
        self._path.value = _table(words, attempts)


def size(*, track, buffer, link, disk_bandwidth, disk_size, policy):
    """What the models say of one design: the numbers behind every instrument of this part.

    Each of the four sizes may be an array, so that a whole slider is seen at once.
    """
    words, choice = track.pipeline, track.pipeline.policies[policy]
    demand = access.demand(**words.workload.demand)
    tiers = _reading if track.direction == "read" else _writing
    rates, shares, passing = tiers(
        track, choice, demand, link=link, disk_bandwidth=disk_bandwidth, disk_size=disk_size
    )
    in_time = pipeline.Epochs(
        *(
            _in_time(words, choice, demand, buffer, *epoch)
            for epoch in zip(shares, passing, strict=True)
        )
    )
    busy = pipeline.Epochs(
        *(np.minimum(kept, each.supply / demand) for kept, each in zip(in_time, rates, strict=True))
    )
    amounts = dict(zip(PARTS, (buffer, link, disk_bandwidth, disk_size), strict=True))
    price = pipeline.price(
        amounts={part: amounts[part] / words.sliders[part].unit for part in PARTS},
        unit_prices={part: words.sliders[part].price for part in PARTS},
    )
    result = {
        "demand": demand,
        "rates": rates,
        "shares": shares,
        "in_time": in_time,
        "busy": busy,
        "utilization": _whole_run(track, demand, *busy),
        "price": price,
        "over": _over(track, choice, demand, rates, disk_bandwidth, disk_size),
    } | _promised(words, choice, demand, buffer, shares.warm, passing.warm)
    goals = {
        "fed": result["utilization"] >= TARGET,
        "balanced": _largest(result["over"].values()) <= MOST_OVER,
        "within_budget": np.less_equal(price, words.budget * (1 + 1e-9)),
    }
    if words.promise:
        goals["as_promised"] = result["promise"]
    return result | {"goals": goals, "met": _all(goals.values())}


def outcome(track, settings, devices=()):
    """What an attempt records of a design, and what anyone can work out anew from its settings."""
    result = size(track=track, **{name: settings[name] for name in (*PARTS, "policy")})
    numbers = {
        "utilization": result["utilization"],
        "cold": result["busy"].cold,
        "warm": result["busy"].warm,
        "price": result["price"],
        "over": _largest(result["over"].values()),
    }
    goals = result["goals"] | {"met": result["met"]}
    return {name: float(value) for name, value in numbers.items()} | {
        name: bool(met) for name, met in goals.items()
    }


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


def _in_time(words, choice, demand, buffer, share, passing):
    """Share of the batches or frames that jitter and pauses leave in time."""
    frame = demand * words.workload.step_time
    if not words.clocked:
        batches = np.floor(buffer / frame)
        pace = pipeline.line_rate(load_rate=passing, compute_rate=demand, prefetch=batches)
        return pace / demand
    return 1 - streaming.skipped_share(
        frames_ahead=streaming.frames_ahead(buffer_size=buffer, frame_size=frame * share),
        frame_time=words.workload.step_time,
        read_time=frame / passing,
        stall_probability=choice.stalls,
        stall_time=choice.stall_time,
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


def _over(track, choice, demand, rates, disk_bandwidth, disk_size):
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


def _promised(words, choice, demand, buffer, share, passing):
    """The track's own condition: how long is looked back, what is missing at most, how long the
    flash lasts; and whether that is what the mission asks for."""
    frame, frame_time = demand * words.workload.step_time, words.workload.step_time
    ahead = streaming.frames_ahead(buffer_size=buffer, frame_size=frame * share) * frame_time
    gap = np.maximum(0.0, choice.longest_stall + frame / passing - ahead)
    look_back = np.inf  # what is written at once need not be remembered
    if choice.written < 1:
        look_back = streaming.fill_time(buffer_size=buffer, fill_rate=demand, drain_rate=0)
    life = streaming.lifetime(
        endurance=streaming.endurance(size=words.log_size, erase_cycles=words.erase_cycles),
        write_rate=choice.stalls / frame_time * _SECTOR,
        write_amplification=1,
    )
    return {
        "gap": gap,
        "look_back": look_back,
        "life": life,
        "promise": (look_back >= words.look_back)
        & ((gap < words.longest_gap) | (words.longest_gap == 0))
        & (life >= words.least_life),
    }


def _largest(values):
    return np.max(np.stack(np.broadcast_arrays(*values)), axis=0)


def _all(values):
    return np.all(np.stack(np.broadcast_arrays(*values)), axis=0)


def nearest(attempts):
    """The attempt that meets most goals; of equals, the one that is fed best."""
    results = [attempt["outcome"] for attempt in attempts]
    rank = [(sum(map(bool, map(one.get, GOALS))), one["utilization"]) for one in results]
    return attempts[rank.index(max(rank))]


def hint(track, attempts):
    """What the student's own attempts say about where to go, without the numbers to set."""
    words = track.pipeline
    best = nearest(attempts)
    number_of = 1 + attempts.index(best)
    result = best["outcome"]
    settings = {name: best["settings"][name] for name in (*PARTS, "policy")}
    missing = _missing(result)
    policy, steps = _nearest_success(track, settings)
    advice = [
        f"{words.sliders[part].title}: {'more' if step > 0 else 'less'}"
        for part, step in zip(PARTS, steps, strict=True)
        if step
    ]
    if policy != settings["policy"]:
        advice.insert(0, f"{words.policy}: another choice")
    when, moment = _worse_epoch(track, settings, size(track=track, **settings))
    return (
        f"Your attempt {number_of} came nearest: {number(100 * result['utilization'])} % for "
        f"{number(result['price'])} {words.currency}, but not {', not '.join(missing)} ({when}: "
        f"{_held_up(words, moment)}). A design that does it all is {len(advice)} "
        f"{'change' if len(advice) == 1 else 'changes'} away. {'; '.join(advice)}."
    )


def _nearest_success(track, settings):
    """Policy, and how many steps to move each slider, to the design that differs in least."""
    sliders = track.pipeline.sliders
    here = [sliders[part].options.index(settings[part]) for part in PARTS]
    found = []
    for policy, met in successes(track).items():
        steps = np.argwhere(met) - here
        changes = np.count_nonzero(steps, axis=1) + (policy != settings["policy"])
        # Of equally many changes the shortest way, though no way is as long as a change.
        costs = changes + np.abs(steps).sum(axis=1) / 1000
        if len(costs):
            found.append((costs.min(), policy, steps[costs.argmin()].tolist()))
    return min(found)[1:]


def successes(track):
    """Every design that meets the goal: policy -> truth for each combination of slider steps."""
    grid = np.meshgrid(
        *(track.pipeline.sliders[part].options for part in PARTS), indexing="ij", sparse=True
    )
    return {
        policy: np.broadcast_to(
            size(track=track, policy=policy, **dict(zip(PARTS, grid, strict=True)))["met"],
            [len(track.pipeline.sliders[part].options) for part in PARTS],
        )
        for policy in track.pipeline.policies
    }


def _moment(track, design, result, epoch):
    """One epoch of one design as a picture of flows, in the order in which bytes meet the tiers."""
    words, choice = track.pipeline, track.pipeline.policies[design["policy"]]
    demand = float(result["demand"])
    rates = getattr(result["rates"], epoch)
    busy, in_time, share = (
        float(getattr(result[name], epoch)) for name in ("busy", "in_time", "shares")
    )
    if track.direction == "read":
        order = ["store", "link", "disk", "memory", "accelerator"]
        pace = busy * demand
        capacity = [words.store_bandwidth, design["link"], design["disk_bandwidth"],
                    words.memory_bandwidth, demand]  # fmt: skip
        passed = design["disk_bandwidth"] / float(rates.disk)
        carried = [pace * share, pace * share, pace * passed, pace, pace]
        fresh = [pace * share] * 4
        local = [0.0, 0.0, pace * (1 - share), pace * (1 - share)]
        lost = [0.0] * 4
    else:
        order = ["accelerator", "memory", "disk", "link", "store"]
        parked = words.park_time * demand / track.dataset_size
        capacity = [demand, words.memory_bandwidth, design["disk_bandwidth"],
                    design["link"] * parked, words.store_bandwidth * parked]  # fmt: skip
        written = demand * choice.written * in_time
        uploaded = min(demand * choice.uploaded * busy, *capacity[3:])
        carried = [demand, demand, written, uploaded, uploaded]
        fresh = [demand, written, uploaded, uploaded]
        local = [0.0] * 4
        dropped = demand * choice.written * (1 - in_time)
        overwritten = demand * choice.uploaded * (in_time - busy)
        lost = [0.0, dropped, overwritten, 0.0]
    return {
        "order": order,
        "demand": demand,
        "busy": busy,
        "in_time": in_time,
        "supply": float(rates.supply),
        "binding": str(rates.binding),
        "capacity": capacity,
        "carried": carried,
        "fresh": fresh,
        "local": local,
        "lost": lost,
        "room": track.direction == "write"
        and float(rates.disk) < design["disk_bandwidth"] / choice.written,
    }


def _diagnosis(track, moment, at_work):
    """Which tier binds, what that means, and what idles most, in a sentence or two."""
    words, binding = track.pipeline, moment["binding"]
    idle = {
        tier: 1 - share for tier, share in zip(moment["order"], at_work, strict=True)
        if tier in ("store", "link", "disk")
    }  # fmt: skip
    most = max(idle, key=idle.get)
    rest = f"Most idle: {words.tiers[most]}, {number(100 * idle[most])} %."
    name = words.tiers[binding]
    late = min(1.0, moment["supply"] / moment["demand"]) - moment["busy"]
    bridge = words.sliders["buffer"].short
    if moment["in_time"] == 0:
        return f"The {bridge} holds less than one frame, so none is ever complete. {rest}"
    jitter = (
        f"Jitter takes {number(100 * late)} % more: a larger {bridge}, or shorter pauses, would "
        "help. "
    )
    if binding == "accelerator":
        text = f"Every tier keeps up with the {name}. "
    else:
        what = f"The room of the {name}" if binding == "disk" and moment["room"] else f"The {name}"
        passes = number(100 * moment["supply"] / moment["demand"])
        text = (
            f"{what} binds: {passes} % of the demand passes. Only more of it, or fewer bytes that "
            f"need it, improves this {words.epoch}. "
        )
    return text + (jitter if late > 0.02 else "") + rest


def _goals(words):
    goals = {
        "fed": f"Fed: {words.busy}, at least {number(100 * TARGET)} % over {words.run}.",
        "balanced": f"Balanced: you pay for at most {number(MOST_OVER)} times what the line needs "
        "of each part.",
        "within_budget": f"Within the budget: at most {number(words.budget)} {words.currency}.",
    }
    if words.promise:
        goals["as_promised"] = f"As promised: {words.promise}."
    return goals


def _missing(result):
    """What an attempt's outcome misses, in short."""
    return [name for goal, name in GOALS.items() if not result.get(goal, True)]


def _said(track, attempt, count):
    """One attempt's outcome in a sentence, with the reason for what it misses."""
    words, recorded = track.pipeline, attempt["outcome"]
    head = (
        f"Attempt {count}: {number(100 * recorded['utilization'])} % for "
        f"{number(recorded['price'])} {words.currency}."
    )
    missing = _missing(recorded)
    if not missing:
        return f"{head} It meets the goal."
    design = {name: attempt["settings"][name] for name in (*PARTS, "policy")}
    result = size(track=track, **design)
    epoch, moment = _worse_epoch(track, design, result)
    most = max(result["over"], key=result["over"].get)
    why = {
        "fed": f"{epoch}: {_held_up(words, moment)}",
        "balanced": f"{words.sliders[most].title}: {number(result['over'][most])} times the need",
    }
    return (
        f"{head} Not "
        + ", not ".join(f"{name} ({why[name]})" if name in why else name for name in missing)
        + "."
    )


def _held_up(words, moment):
    """What keeps the line from its demand."""
    if moment["in_time"] == 0:
        return f"the {words.sliders['buffer'].short} holds less than a frame"
    if moment["binding"] == "accelerator":
        return "jitter and pauses"
    return f"{_the(words.tiers[moment['binding']])} binds"


def _worse_epoch(track, design, result):
    """The name of the epoch that weighs most on the run, and its flows."""
    cold, warm = result["busy"]
    # The first epoch is one of many: it is to blame only where the others are well fed.
    epoch = "warm" if warm < TARGET or warm <= cold else "cold"
    name = track.pipeline.names[EPOCHS.index(epoch)].lower()
    return name, _moment(track, design, result, epoch)


def _table(words, attempts):
    """The path of attempts as a table."""
    if not attempts:
        return ""
    heads = ["#", "run", words.currency, "over", "met"]
    heads += [*(words.sliders[part].short for part in PARTS), words.policy]
    rows = []
    for count, attempt in enumerate(attempts, 1):
        settings, result = attempt["settings"], attempt["outcome"]
        missing = _missing(result)
        rows.append(
            [
                str(count),
                f"{number(100 * result['utilization'])} %",
                number(result["price"]),
                f"{number(result['over'])} ×",
                f"not {', '.join(missing)}" if missing else "✓ all",
                *(_step(words.sliders[part], settings[part]) for part in PARTS),
                words.policies[settings["policy"]].label,
            ]
        )
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>" for cells in rows
    )
    return (
        '<div class="iowall-attempts" tabindex="0" role="region" aria-label="Your attempts"><table>'
        f"<caption>Your attempts</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _left(attempts):
    """Iterations that are left: ten, and ten more after each ten without success."""
    used = len(attempts) % ITERATIONS
    if attempts and not used and any(attempt["outcome"].get("met") for attempt in attempts):
        return 0
    return ITERATIONS - used


def whole(track, attempts):
    """Those attempts that this track's lab could have written; a ledger may come from anywhere."""
    sliders, policies = track.pipeline.sliders, track.pipeline.policies
    names = {"utilization", "price", "over", "met"}
    return [
        attempt
        for attempt in attempts
        if attempt["settings"].get("policy") in policies
        and all(attempt["settings"].get(part) in sliders[part].options for part in PARTS)
        and names <= set(attempt["outcome"])
    ]


def answer(track):
    """The models on the lock's question, as things are on arrival: an option and the number."""
    words = track.pipeline
    most = {part: words.sliders[part].options[-1] for part in ("disk_bandwidth", "disk_size")}
    before, after = (size(track=track, **words.start_values | more) for more in ({}, most))
    helped, gains = _helped(after, before)
    return helped, max(1.0, *gains)


def _helped(after, before):
    """In which epochs more local room helps, in the lock's options, and how much in each."""
    gains = [
        float(now.line / was.line) for now, was in zip(after["rates"], before["rates"], strict=True)
    ]
    helps = [gain >= HELPS for gain in gains]
    return "always" if all(helps) else "depends" if any(helps) else "never", gains


def summary(track, ledger):
    """What came of this part, in sentences for the report."""
    words = track.pipeline
    for count, attempt in enumerate(whole(track, ledger.attempts.get("pipeline", ())), 1):
        settings = attempt["settings"]
        design = ", ".join(
            f"{words.sliders[part].short} {_step(words.sliders[part], settings[part])}"
            for part in PARTS
        )
        choice = words.policies[settings["policy"]].label
        yield f"{_said(track, attempt, count)} ({design}; {choice}.)"
        if isinstance(attempt.get("hint"), str):
            yield f"Hint after ten: {attempt['hint']}"


def _the(name):
    """A tier with its article, which a proper name has not."""
    return name if name == "S3" else f"the {name}"


def _step(slider, value):
    return f"{number(value / slider.unit)} {slider.unit_name}"


def words(track):
    """The track's words for this part."""
    return track.pipeline


def lab(asked):
    """The lab of Part 2."""
    return Lab(
        part="pipeline",
        words=words,
        workbench=PipelineWorkbench,
        reflection=REFLECTION,
        asked=asked,
    )
