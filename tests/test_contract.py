"""What every public model promises: keywords only, units for each, an example, a source."""

import ast
import inspect
import re

import pytest

from iowall.models import access, checkpoint, pipeline, streaming

MODELS = [
    function
    for module in (access, pipeline, checkpoint, streaming)
    for name, function in vars(module).items()
    if inspect.isfunction(function)
    and function.__module__ == module.__name__
    and not name.startswith("_")
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_docstring(model):
    text = inspect.getdoc(model)
    for section in ("Parameters", "Returns", "Examples", "References"):
        assert f"{section}\n---" in text
    described = text[text.index("Parameters\n") : text.index("Returns\n")]
    for name, parameter in inspect.signature(model).parameters.items():
        assert parameter.kind is parameter.KEYWORD_ONLY
        entry = re.search(rf"^(?:\w+, )*{name}(?:, \w+)* : .*\n((?:    .*\n)+)", described, re.M)
        assert entry, f"{model.__name__} does not describe {name}"
        assert re.search(r"\[[^\]]+\]\s*$", entry[1]), f"{name} has no unit"
    assert ">>>" in text


TYPED = ("units", "scenarios", "hardware", "fio", "untrusted", "trust", "cli", "data", "models")
TYPED += ("parts", "ledger")


@pytest.mark.parametrize("layer", TYPED)
def test_public_functions_have_type_hints(layer, root):
    """The package says that it is typed; labs and views are no one's to call."""
    where = root / "iowall" / layer
    paths = where.glob("*.py") if where.is_dir() else [where.with_suffix(".py")]
    for path in paths:
        if path.stem == "_arithmetic":  # the models' own
            continue
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
                continue
            if function.col_offset and "self" not in ast.unparse(function.args):
                continue  # inside another
            given = [*function.args.args, *function.args.kwonlyargs]
            bare = {one.arg for one in given if one.annotation is None} - {"self", "cls"}
            assert not bare and function.returns, f"{path.name}: {function.name} {bare}"


def test_there_are_models():
    assert len(MODELS) >= 35
