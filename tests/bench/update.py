"""What a moved control costs: `python -m tests.bench.update [ROUNDS]`.

Opens each part's workbench without a front end, lets its `_update` run, notes which models it calls
with which arguments, and times these calls alone; and a grid of 200 × 200 wall times. All of it in
this CPython and in the Pyodide of the site under Node, in turn. The aim: models within 2 ms.
"""

import functools
import importlib
import inspect
import json
import statistics
import sys
import time

from iowall.ledger import Ledger
from iowall.models import access, checkpoint, pipeline, streaming
from iowall.scenarios import TRACKS
from tests.bench.models import grid

WORKBENCHES = {
    "access": "AccessWorkbench",
    "pipeline": "PipelineWorkbench",
    "checkpoint": "CheckpointWorkbench",
}
AIM = 2.0  # [ms]
ROUNDS = 100
CODE = """
import json, os, sys
sys.path.append("/repository")
os.chdir("/repository")
from tests.bench import update
print("RESULT", json.dumps(update.measure({rounds})))
0
"""


def milliseconds(function, rounds):
    """Median time of one call."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        function()
        taken.append(1e3 * (time.perf_counter() - start))
    return statistics.median(taken)


def opened(part, track):
    """A part's workbench as it is after a prediction."""
    ledger = Ledger(track=track.key)
    option = next(iter(getattr(track, part).options))
    ledger.predict(part, {"option": option, "estimate": 10.0, "reason": "", "time": ""})
    lab = importlib.import_module(f"iowall.labs.{part}")
    return getattr(lab, WORKBENCHES[part])(track=track, ledger=ledger, save=lambda: None)


def calls_of(function):
    """The outermost calls of models that a function makes, ready to be made again."""
    calls, depth = [], 0

    def noting(model):
        @functools.wraps(model)
        def noted(*given, **named):
            nonlocal depth
            if not depth:
                calls.append(functools.partial(model, *given, **named))
            depth += 1
            try:
                return model(*given, **named)
            finally:
                depth -= 1

        return noted

    models = [
        (module, name, value)
        for module in (access, pipeline, checkpoint, streaming)
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    ]
    for module, name, model in models:
        setattr(module, name, noting(model))
    try:
        function()
    finally:
        for module, name, model in models:
            setattr(module, name, model)
    return calls


def again(calls):
    for call in calls:
        call()


def measure(rounds):
    """{what: (milliseconds, calls of models)} in the Python that this runs in."""
    found = {}
    for part in WORKBENCHES:
        for track in TRACKS.values():
            workbench = opened(part, track)
            calls = calls_of(workbench._update)
            models = milliseconds(lambda: again(calls), rounds)  # noqa: B023
            whole = milliseconds(workbench._update, max(5, rounds // 10))
            found[f"{part}, {track.key}"] = (models, len(calls), whole)
    return found | {"wall_time, 200 × 200": (milliseconds(grid, 20), 1, None)}


def main(rounds):
    from tests import wasm  # not there in Pyodide, which runs `measure`
    from tests.conftest import ROOT

    here = measure(rounds)
    # As the page starts Python, so that the widgets find what stands in for IPython.
    output = wasm.run(
        CODE.format(rounds=rounds), packages=["iowall-page"], mounts={"/repository": ROOT}
    )
    there = json.loads(output.partition("RESULT ")[2])
    print(f"milliseconds, median of {rounds}; the whole update includes widgets and their words")
    print(
        f"{'':24}{'model calls':>12}{'CPython':>9}{'Pyodide':>9}{'ratio':>7}{'whole, Pyodide':>16}"
    )
    slow = []
    for what, (models, count, _) in here.items():
        browser, _, whole = there[what]
        whole = f"{whole:.1f}" if whole else ""
        print(f"{what:24}{count:12}{models:9.2f}{browser:9.2f}{browser / models:7.1f}{whole:>16}")
        if browser > AIM and whole:
            slow.append(what)
    print(f"within {AIM} ms in Pyodide: {'all' if not slow else 'all but ' + '; '.join(slow)}")
    return not slow


if __name__ == "__main__":
    sys.exit(not main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS))
