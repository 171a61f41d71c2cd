"""Who may import whom; see the first page of the code for why."""

import ast
import subprocess
import sys

import pytest

NUMPY = {"numpy"}
WIDGETS = NUMPY | {"ipywidgets", "bqplot", "anywidget", "traitlets"}
_WORLD = {"units", "data", "hardware", "scenarios"}
# folder or module -> packages from outside, layers of our own
ALLOWED = {
    "units.py": (set(), set()),
    "data": (set(), {"units", "data"}),
    "hardware.py": (set(), {"units", "data"}),
    "scenarios.py": (set(), {"units", "data", "hardware"}),
    "untrusted.py": (set(), set()),
    "fio.py": (set(), {"units", "hardware", "untrusted"}),
    "models": (NUMPY, {"units", "models"}),
    "parts": (NUMPY, _WORLD | {"fio", "models", "parts"}),
    "views": (WIDGETS, {"units", "views"}),
    "ledger": ({"anywidget"}, _WORLD | {"fio", "untrusted", "models", "parts", "ledger"}),
    "trust.py": (NUMPY, _WORLD | {"models"}),
    "cli.py": (set(), {"__version__", "ledger"}),
    "labs": (WIDGETS, _WORLD | {"fio", "models", "parts", "views", "ledger", "labs"}),
}
PARTS = {"access", "pipeline", "checkpoint"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{name.name}" for name in node.names)


@pytest.mark.parametrize("layer", ALLOWED)
def test_imports_go_one_way(layer, root):
    outside, ours = ALLOWED[layer]
    where = root / "iowall" / layer
    for path in [where] if where.is_file() else where.glob("**/*.py"):
        for name in imports(path):
            package, *rest = name.split(".")
            if package == "iowall":
                assert rest[0] in ours, f"{path.name} imports {name}"
                if rest[0] == "labs" and path.stem in PARTS:
                    assert rest[1] not in PARTS, f"{path.name} imports another part's lab"
                if rest[0] == "models" and layer in ("ledger", "labs"):
                    assert rest[1] == "VERSION", f"{path.name} calls a model past the parts"
            elif package == "anywidget" and layer == "ledger":
                assert path.name == "browser_store.py", f"{path.name} knows a widget"
            else:
                known = package in outside or package in sys.stdlib_module_names
                assert known, f"{path.name} imports {name}"


def test_every_layer_is_in_the_table(root):
    layers = {path.name for path in (root / "iowall").iterdir() if path.name[:2] != "__"}
    assert {one for one in layers if one.endswith(".py") or "." not in one} == {*ALLOWED}


def test_models_load_no_widgets():
    code = (
        "import sys, iowall.scenarios; "
        "from iowall.models import access, checkpoint, pipeline, streaming; "
        "print(sorted({'ipywidgets', 'bqplot', 'pandas', 'scipy'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
