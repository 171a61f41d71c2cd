"""What every public model promises: keywords only, units for each, an example, a source."""

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


def test_there_are_models():
    assert len(MODELS) >= 35
