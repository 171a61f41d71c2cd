"""Part 1, the Access Pattern Audit: what order and file format cost on which device."""

from html import escape

import ipywidgets as widgets
import numpy as np

from iowall import fio
from iowall.labs import links
from iowall.labs.prediction import problem, verdict
from iowall.labs.workbench import FULL, Lab, choices, fact_list, now, restore, step_slider, titled
from iowall.models import access
from iowall.units import MB, amount, duration, number
from iowall.views.math_peek import MathPeek, fraction, least, row, subscript
from iowall.views.throughput import ThroughputCurve
from iowall.views.waterfall import IOWaterfall

WORKERS = tuple(2**n for n in range(9))
BUFFERS = tuple(10**n for n in range(7))  # [samples]
PREFETCH = 2  # [batches] as PyTorch's DataLoader does by default, for each worker
STEPS = 6  # drawn

INSTRUMENTS = (IOWaterfall, ThroughputCurve, MathPeek)

GOALS = {
    "wall": "Find files, one a sample, wanted out of order, that cost 100 times a plain scan.",
    "free": "Find such files that cost next to nothing: at most 1.1 times.",
    "bought": "Buy the disorder back with shards and a buffer: at most 1.1 times, and neighbours "
    "from one shard in less than 1 % of cases.",
}

REFLECTION = {
    "question": "Patterson asks: why is sequential access the only way to reach the machine's "
    "peak? Answer with a number of your own from this workbench, and say whether “only” is true.",
    "note": "A question in the manner of that engineer, not a quotation.",
    "rubric": (
        "name what each request costs before its first byte, whatever its size?",
        "say how reading in order hides that cost (large requests, read ahead)?",
        "name the other way to hide it (many requests in flight) and where that fails (a disk)?",
        "use a number of your own from this workbench?",
    ),
}


class AccessWorkbench(widgets.VBox):
    """Controls, instruments and the verdict on the prediction; `_update` is where models run."""

    def __init__(self, *, track, ledger, save, asked):
        self._track, self._ledger, self._save = track, ledger, save
        self._devices = {device.name: device for device in track.devices}
        for entry in ledger.devices:
            self._devices[entry["name"]] = fio.from_entry(entry)
        self._workloads = {workload.name: workload for workload in track.workloads}
        words = track.access
        self.order = widgets.ToggleButtons(options=choices(words.orders))
        self.file_format = widgets.ToggleButtons(options=choices(words.formats))
        self.device = widgets.Dropdown(options=list(self._devices), layout=FULL)
        self.workload = widgets.Dropdown(options=list(self._workloads), layout=FULL)
        self.workers = step_slider(WORKERS, str)
        self.shard_size = step_slider(words.shard_sizes, amount)
        self.shuffle_buffer = step_slider(BUFFERS, lambda samples: f"{samples:,}")
        self.controls = {
            "order": self.order,
            "file_format": self.file_format,
            "device": self.device,
            "workload": self.workload,
            "workers": self.workers,
            "shard_size": self.shard_size,
            "shuffle_buffer": self.shuffle_buffer,
        }
        self.upload = widgets.FileUpload(
            description="Add my own disk (fio JSON)",
            tooltip="Add my own disk (fio JSON)",
            accept=".json",
            layout={"width": "auto"},
        )
        self._upload_problem = widgets.HTML()
        self.waterfall, self.curve, self.math = IOWaterfall(), ThroughputCurve(), MathPeek()
        self._verdict, self._numbers, self._goals = widgets.HTML(), widgets.HTML(), widgets.HTML()
        restore(self.controls, words.start | ledger.settings.get("access", {}))
        self.misfits = list(links.take(self.controls, asked))

        self._shards = [
            titled("Shard size", self.shard_size),
            titled(f"{words.buffer} (samples)", self.shuffle_buffer),
        ]
        controls = widgets.GridBox(
            [
                titled("Order wanted", self.order),
                titled("File format", self.file_format),
                titled("Storage", self.device),
                titled("Samples", self.workload),
                titled(f"{words.workers} (queue depth)", self.workers),
                *self._shards,
            ]
        )
        controls.add_class("iowall-controls")
        fio_help = widgets.HTML(
            "<details><summary>How to measure your own disk</summary><p>With "
            "<a href='https://fio.readthedocs.io'>fio</a> on Linux (on a Mac write "
            f"<code>posixaio</code> for <code>libaio</code>):</p><pre>{escape(fio.COMMAND)}</pre>"
            "<p>It reads a scratch file of 1 GB, <code>fio.tmp</code>, for half a minute; delete "
            "it afterwards. Your file stays in this browser.</p></details>"
        )
        super().__init__(
            [
                widgets.HTML("<h4>Act and observe</h4>"),
                self._goals,
                controls,
                self._verdict,
                self._numbers,
                self.waterfall,
                self.curve,
                self.math,
                widgets.VBox([self.upload, self._upload_problem, fio_help]),
            ]
        )
        self.add_class("iowall-workbench")
        for control in self.controls.values():
            control.observe(self._update, names="value")
        self.upload.observe(self._add_device, names="value")
        self._update()

    def _update(self, _change=None):
        settings = {name: control.value for name, control in self.controls.items()}
        device, workload = self._devices[settings["device"]], self._workloads[settings["workload"]]
        workers = settings["workers"]
        result = audit(
            device=device,
            workload=workload,
            dataset_size=self._track.dataset_size,
            **{name: settings[name] for name in _AUDITED},
        )
        for box in self._shards:
            box.layout.display = "none" if settings["file_format"] == "raw" else None
        self._shards[1].layout.display = None if result["mixed"] else "none"

        self._show_waterfall(workload, result["sample_time"])
        self._show_curve(device, workload, workers, result)
        self._show_math(device, workload, workers, result)
        self._show_words(settings, device, result)
        self._ledger.settings["access"] = settings
        self._achieve(settings, result)
        self._save()

    def _show_waterfall(self, workload, times):
        batch = workload.accelerators * workload.batch_size
        load = np.full(STEPS, batch * times.total)
        steps = access.timeline(load_time=load, compute_time=workload.step_time, prefetch=PREFETCH)
        self.waterfall.show(
            load_start=steps.load_start,
            wait_time=batch * (times.metadata_time + times.wait_time),
            transfer_time=batch * times.transfer_time,
            compute_start=steps.compute_start,
            compute_time=workload.step_time,
            accelerator=self._track.accelerator,
        )

    def _show_curve(self, device, workload, workers, result):
        low = 10 ** np.floor(np.log10(min(512, workload.sample_size)))
        high = 10 ** np.ceil(np.log10(max(8 * MB, min(workload.sample_size, 100 * MB))))
        sizes = np.geomspace(low, high, 60)
        devices = list(self._devices.values())
        each = lambda field: np.array([[getattr(d, field)] for d in devices])  # noqa: E731
        self.curve.show(
            request_size=sizes,
            throughput=access.throughput(
                request_size=sizes,
                queue_depth=workers,
                latency=each("latency"),
                iops_limit=each("iops_limit"),
                bandwidth=each("bandwidth"),
            ),
            names=list(self._devices),
            chosen=devices.index(device),
            knee=result["knee"],
            bandwidth=device.bandwidth,
            published=np.array([[p.request_size, p.throughput] for p in device.points]).T
            if device.points
            else ([], []),
            here=(float(result["sample_time"].request_size), result["stored_throughput"]),
        )

    def _show_math(self, device, workload, workers, result):
        request = result["sample_time"].request_size
        positioned = _positioned(device, workers)
        rate = access.iops(request_size=request, **positioned)
        uses, gets = amount(result["demand"], "B/s"), amount(result["throughput"], "B/s")
        limit = subscript("X", "max")
        equations = [
            row("X", "=", least([fraction("Q", "L")], [limit], [fraction("β", "s")]),
                "=", least(
                    [fraction(number(workers), duration(device.latency))],
                    [f"{number(device.iops_limit)}/s"],
                    [fraction(amount(device.bandwidth, "B/s"), amount(request))],
                ), "=", f"{number(rate)}/s"),
            row("demand", "=", fraction(["N", "·", "B", "·", "S"], "t"), "=",
                fraction(
                    [number(workload.accelerators), "·", number(workload.batch_size), "·",
                     amount(workload.sample_size)],
                    duration(workload.step_time),
                ), "=", uses),
            row("U", "=", least("1", [fraction("throughput", "demand")]), "=", least(
                    "1",
                    [fraction(gets, uses)],
                ), "=", number(result["utilization"])),
        ]  # fmt: skip
        self.math.show(
            equations=equations,
            meaning=f"X: positioned requests a second of {amount(request)} each; the "
            f"{self._track.accelerator} would use {uses} and gets {gets}.",
        )

    def _show_words(self, settings, device, result):
        words = self._track.access
        text = verdict(
            prediction=self._ledger.predictions["access"],
            options=words.options,
            answer=result["limit"],
            value=result["slowdown"],
        )
        if settings["order"] == "sequential":
            text = (
                f"Everything is read in order now. Your prediction was about the other order: "
                f"choose “{words.orders['shuffled']}”."
            )
        self._verdict.value = f'<p class="iowall-verdict" role="status">{escape(text)}</p>'
        times, busy = result["sample_time"], 100 * result["utilization"]
        facts = [
            ("Utilization", f"{number(busy)} %", f"of the {self._track.accelerator}"),
            ("Slower than a plain scan", f"{number(result['slowdown'])} ×", "of the same device"),
            (
                "Opening files",
                f"{number(100 * times.metadata_time / times.total)} %",
                f"of the time; metadata requests a sample: {number(times.metadata_requests)}",
            ),
            (
                "Requests",
                f"{number(times.requests)} a sample",
                f"of {amount(times.request_size)}, {amount(times.stored_size)} stored",
            ),
        ]
        if device.iops_limit * device.latency < 1.001:
            facts.append(
                ("Served at once", "1 request", f"by this {device.name}, however many wait")
            )
        if result["mixed"]:
            chance = result["same_shard"]
            facts += [
                (
                    "Neighbours from one shard",
                    f"{number(100 * chance)} %",
                    f"chance that {words.mixing}",
                ),
                (
                    "The buffer costs",
                    amount(result["buffer_size"]),
                    f"of memory, and {duration(result['fill_time'])} before the first batch",
                ),
            ]
        self._numbers.value = fact_list(facts)

    def _achieve(self, settings, result):
        """Record a goal the first time that it is met, with what met it."""
        attempts = self._ledger.attempts.setdefault("access", [])
        met = {attempt["outcome"].get("goal") for attempt in attempts}
        for goal in goals_met(settings, result):
            if goal not in met:
                outcome = {name: float(result[name]) for name in ("slowdown", "utilization")}
                attempts.append(
                    {"settings": settings, "outcome": outcome | {"goal": goal}, "time": now()}
                )
                met.add(goal)
        lines = "".join(
            f'<li class="{"iowall-met" if goal in met else "iowall-open"}">'
            f"{'✓' if goal in met else '○'} {escape(text)}</li>"
            for goal, text in GOALS.items()
        )
        self._goals.value = f'<ul class="iowall-goals">{lines}</ul>'

    def _add_device(self, change):
        if not change["new"]:
            return
        upload = change["new"][0]
        self.upload.value = ()
        try:
            text = bytes(upload["content"]).decode("utf-8", errors="replace")
            name = f"My disk: {upload['name'].removesuffix('.json')[:24]}"
            device = fio.device(text, name=name, direction=self._track.direction)
        except ValueError as error:
            self._upload_problem.value = problem(str(error))
            return
        self._upload_problem.value = ""
        self._devices[name] = device
        kept = [entry for entry in self._ledger.devices if entry["name"] != name]
        self._ledger.devices = [*kept, fio.as_entry(device)]
        self.device.options = list(self._devices)
        self.device.value = name
        self._update()


_AUDITED = ("order", "file_format", "workers", "shard_size", "shuffle_buffer")


def audit(
    *, device, workload, dataset_size, order, file_format, workers, shard_size, shuffle_buffer
):
    """What the models say of one setting: the numbers behind every instrument of this part."""
    pattern = {
        "sample_size": workload.sample_size,
        "shard_size": shard_size,
        "read_size": device.read_size,
        "sequential_latency": device.sequential_latency,
        **_positioned(device, workers),
    }
    times = access.sample_time(
        file_format=file_format,
        order=order,
        metadata_requests=device.metadata_requests,
        **pattern,
    )
    scan = access.sample_time(file_format="raw", order="sequential", metadata_requests=0, **pattern)
    demand = access.demand(**workload.demand)
    throughput = workload.sample_size / times.total
    utilization = access.utilization(throughput=throughput, demand=demand)
    mixed = file_format != "raw" and order == "shuffled"
    samples = dataset_size / workload.sample_size
    buffered = min(shuffle_buffer, samples)
    requests_bind = times.transfer_time < 0.5 * times.total
    return {
        "sample_time": times,
        "slowdown": float(times.total / scan.total),
        "demand": demand,
        "throughput": float(throughput),
        "stored_throughput": float(times.stored_size / times.total),
        "utilization": float(utilization),
        "limit": "accelerator" if utilization >= 1 else "iops" if requests_bind else "bandwidth",
        "knee": device.bandwidth / min(workers / device.latency, device.iops_limit),
        "mixed": mixed,
        "same_shard": float(
            access.same_shard_probability(
                shard_samples=max(1.0, shard_size / times.stored_size),
                interleave=workers,
                shuffle_buffer=shuffle_buffer,
                samples=samples,
            )
        ),
        "buffer_size": buffered * workload.sample_size,
        "fill_time": float(buffered * times.total),
    }


def goals_met(settings, result):
    """Which of the three goals this setting meets."""
    if settings["order"] != "shuffled":
        return []
    raw = settings["file_format"] == "raw"
    met = {
        "wall": raw and result["slowdown"] >= 100,
        "free": raw and result["slowdown"] <= 1.1,
        "bought": result["mixed"] and result["slowdown"] <= 1.1 and result["same_shard"] < 0.01,
    }
    return [goal for goal, reached in met.items() if reached]


def _positioned(device, workers):
    """A device's positioned requests, as the keyword arguments of `models.access.iops`."""
    return {
        "queue_depth": workers,
        "latency": device.latency,
        "iops_limit": device.iops_limit,
        "bandwidth": device.bandwidth,
    }


def words(track):
    """The track's words for this part."""
    return track.access


def outcome(track, settings, devices=()):
    """The numbers of one setting as the ledger keeps them, worked out anew."""
    result = _result(track, settings, devices)
    return {"slowdown": result["slowdown"], "utilization": result["utilization"]}


def _result(track, settings, devices):
    known = {device.name: device for device in track.devices}
    known |= {entry["name"]: fio.from_entry(entry) for entry in devices}
    workloads = {workload.name: workload for workload in track.workloads}
    steps = {"workers": WORKERS, "shard_size": track.access.shard_sizes, "shuffle_buffer": BUFFERS}
    for name, values in steps.items():
        if settings[name] not in values:  # a ledger comes from anywhere
            raise ValueError(f"{name} has no step {settings[name]!r}")
    return audit(
        device=known[settings["device"]],
        workload=workloads[settings["workload"]],
        dataset_size=track.dataset_size,
        **{name: settings[name] for name in _AUDITED},
    )


def answer(track):
    """The models on the lock's question, as things are on arrival: an option and the number."""
    asked = {
        "order": "shuffled",
        "file_format": "raw",
        "workers": 1,
        "shard_size": track.access.shard_sizes[0],  # of no effect on files
        "shuffle_buffer": 1,
    }
    result = _result(track, asked | dict(track.access.start), ())
    return result["limit"], result["slowdown"]


def summary(track, ledger):
    """What came of this part, in sentences for the report."""
    settings = words(track).start | ledger.settings.get("access", {}) | {"order": "shuffled"}
    try:
        result = _result(track, settings, ledger.devices)
    except (KeyError, TypeError, ValueError):  # a ledger that no lab has written
        return
    prediction = ledger.predictions["access"]
    options = words(track).options
    said = verdict(
        prediction=prediction, options=options, answer=result["limit"], value=result["slowdown"]
    )
    yield f"At your last settings, in the order that the prediction is about: {said}"
    for attempt in ledger.attempts.get("access", ()):
        tried, numbers = attempt["settings"], attempt["outcome"]
        if not {"slowdown", "utilization"} <= set(numbers):
            continue
        yield (
            f"{GOALS.get(numbers.get('goal'), 'Tried.')} Met with {tried.get('device')}, "
            f"{tried.get('workload')}, queue depth {tried.get('workers')}: "
            f"{number(numbers['slowdown'])} times a plain scan, "
            f"{number(100 * numbers['utilization'])} % utilization."
        )


def lab(asked):
    """The lab of Part 1."""
    return Lab(
        part="access",
        words=words,
        workbench=AccessWorkbench,
        reflection=REFLECTION,
        asked=asked,
    )
