"""The lab of Part 1: controls and pictures."""

from html import escape

import ipywidgets as widgets
import numpy as np

from iowall import fio, parts
from iowall.labs.controls import (
    FITTING,
    dropdown,
    fact_list,
    goal_list,
    pairs,
    problem,
    slider,
    spoken,
    titled,
    toggle,
)
from iowall.labs.frame import Lab
from iowall.labs.workbench import Workbench
from iowall.parts import access
from iowall.parts.access_text import GOALS
from iowall.units import amount, duration, number
from iowall.views.math_peek import MathPeek, fraction, least, row, subscript
from iowall.views.throughput import ThroughputCurve
from iowall.views.waterfall import IOWaterfall

INSTRUMENTS = (IOWaterfall, ThroughputCurve, MathPeek)


class AccessWorkbench(Workbench):
    """Sets a device, an order and a format, and sees where each step's time goes."""

    part = access

    def _make(self):
        offered = self.options
        self.order, self.file_format = toggle(offered["order"]), toggle(offered["file_format"])
        self.device, self.workload = dropdown(offered["device"]), dropdown(offered["workload"])
        self.workers = slider(offered["workers"])
        self.shard_size, self.shuffle_buffer = (
            slider(offered[name]) for name in ("shard_size", "shuffle_buffer")
        )
        self.controls = {name: getattr(self, name) for name in offered}
        self.upload = widgets.FileUpload(
            description="Add my own disk (fio JSON)",
            tooltip="Add my own disk (fio JSON)",
            accept=".json",
            layout=FITTING,
        )
        self.upload.observe(self._add_device, names="value")
        self._upload_problem = widgets.HTML()
        self.waterfall, self.curve, self.math = IOWaterfall(), ThroughputCurve(), MathPeek()
        self._verdict, self._numbers, self._goals = widgets.HTML(), widgets.HTML(), widgets.HTML()

    def _laid_out(self):
        words = self.track.access
        self._boxes = {
            name: titled(title, self.controls[name])
            for name, title in {
                "order": "Order wanted",
                "file_format": "File format",
                "device": "Storage",
                "workload": "Samples",
                "workers": f"{words.workers} (queue depth)",
                "shard_size": "Shard size",
                "shuffle_buffer": f"{words.buffer} (samples)",
            }.items()
            if name in words.controls
        }
        shown = widgets.GridBox(list(self._boxes.values()))
        shown.add_class("iowall-controls")
        return [
            widgets.HTML("<h4>Act and observe</h4>"),
            self._goals,
            shown,
            self._verdict,
            self._numbers,
            self.waterfall,
            self.curve,
            self.math,
            widgets.VBox([self.upload, self._upload_problem, widgets.HTML(FIO_HELP)]),
        ]

    def _show(self, result, said):
        self._show_boxes(result)
        self._show_waterfall(result)
        self._show_curve(result)
        self.math.show(equations=_equations(result), meaning=said.meaning)
        self._verdict.value = spoken(said.verdict, "verdict")
        self._numbers.value = fact_list(said.facts)
        self._achieve(result)

    def _show_boxes(self, result):
        """Shards are there only in formats that have some, and a buffer only if it mixes."""
        for name, there in (
            ("shard_size", result.settings["file_format"] != "raw"),
            ("shuffle_buffer", result.mixed),
        ):
            if name in self._boxes:
                self._boxes[name].layout.display = None if there else "none"

    def _show_waterfall(self, result):
        times, steps = result.sample_time, result.timeline
        self.waterfall.show(
            load_start=steps.load_start,
            wait_time=result.batch * (times.metadata_time + times.wait_time),
            transfer_time=result.batch * times.transfer_time,
            compute_start=steps.compute_start,
            compute_time=result.workload.step_time,
            accelerator=result.track.accelerator,
        )

    def _show_curve(self, result):
        curve, points = result.curve, result.device.points
        self.curve.show(
            request_size=curve.request_size,
            throughput=curve.throughput,
            names=[device.name for device in curve.devices],
            chosen=curve.chosen,
            knee=curve.knee,
            bandwidth=result.device.bandwidth,
            published=np.array([[p.request_size, p.throughput] for p in points]).T
            if points
            else ([], []),
            here=(float(result.sample_time.request_size), result.stored_throughput),
        )

    def _achieve(self, result):
        """Record a goal the first time that it is met, with what met it."""
        met = {attempt["outcome"].get("goal") for attempt in self.work.attempts}
        for goal, reached in result.goals.items():
            if reached and goal not in met:
                self._attempt(self.settings, access.outcome(result) | {"goal": goal})
        self._show_attempts()

    def _show_attempts(self):
        met = {attempt["outcome"].get("goal") for attempt in self.work.attempts}
        self._goals.value = goal_list(
            (GOALS[goal], goal in met) for goal in self.track.access.goals
        )

    def _add_device(self, change):
        if not change["new"]:
            return
        upload = change["new"][0]
        self.upload.value = ()
        try:
            text = bytes(upload["content"]).decode("utf-8", errors="replace")
            name = f"My disk: {upload['name'].removesuffix('.json')[:24]}"
            device = fio.device(text, name=name, direction=self.track.direction)
        except ValueError as error:
            self._upload_problem.value = problem(str(error))
            return
        self._upload_problem.value = ""
        self.session.ledger.measure(fio.as_entry(device, self.track.direction))
        with self._at_once():
            self._take_devices()
            self.device.value = name
        self._move()

    def _take_devices(self):
        """Offer the devices that the ledger has now, too."""
        chosen = self.device.value
        self.track = self._with_devices()
        self.options = access.options(self.track)
        self.device.options = pairs(self.options["device"])
        if chosen in (one.name for one in self.options["device"]):
            self.device.value = chosen


def _equations(result):
    """The bound on the requests, the share of it that comes, and what the accelerator makes of it.

    The share stands for the bent curve of `models.access.iops`.
    """
    workload, device = result.workload, result.device
    uses, gets = amount(result.demand, "B/s"), amount(result.throughput, "B/s")
    limit, size = subscript("X", "max"), amount(result.sample_time.request_size)
    alone, takes = ["L"], [duration(device.latency)]
    if device.connection_bandwidth < np.inf:
        alone += ["+", fraction("s", subscript("β", "connection"))]
        takes += ["+", fraction(size, amount(device.connection_bandwidth, "B/s"))]
    most, share = f"{number(result.most_iops)}/s", result.iops / result.most_iops
    return [
        row("X", "≤", least([fraction("Q", alone)], [limit], [fraction("β", "s")]),
            "=", least(
                [fraction(number(result.workers), takes)],
                [f"{number(device.iops_limit)}/s"],
                [fraction(amount(device.bandwidth, "B/s"), size)],
            ), "=", most),
        row("X", "=", f"{number(100 * share)} %", "·", most, "=", f"{number(result.iops)}/s"),
        row("demand", "=", fraction(["N", "·", "B", "·", "S"], "t"), "=",
            fraction(
                [number(workload.accelerators), "·", number(workload.batch_size), "·",
                 amount(workload.sample_size)],
                duration(workload.step_time),
            ), "=", uses),
        row("U", "=", least("1", [fraction("throughput", "demand")]), "=", least(
                "1",
                [fraction(gets, uses)],
            ), "=", number(result.utilization)),
    ]  # fmt: skip


FIO_HELP = (
    "<details><summary>How to measure your own disk</summary><p>With "
    "<a href='https://fio.readthedocs.io'>fio</a> on Linux (on a Mac write "
    f"<code>posixaio</code> for <code>libaio</code>):</p><pre>{escape(fio.COMMAND)}</pre>"
    "<p>It reads a scratch file of 1 GB, <code>fio.tmp</code>, for half a minute; delete "
    "it afterwards. Your file stays in this browser.</p></details>"
)


def lab(asked):
    """The lab of Part 1."""
    return Lab(part=parts.part("access"), workbench=AccessWorkbench, asked=asked)
