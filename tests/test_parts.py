"""What every part promises, whatever it is about."""

import dataclasses
import inspect

import pytest

from iowall import parts
from iowall.labs import open_lab
from iowall.scenarios import TRACKS
from tests.work import arrive, lock

BOTH = [(key, track) for key in parts.PARTS for track in TRACKS]


def members(protocol):
    """What a protocol asks for: its names, and for functions their arguments."""
    for name in protocol.__annotations__:
        yield name, None
    for name, function in vars(protocol).items():
        if inspect.isfunction(function) and not name.startswith("_"):
            yield name, [*inspect.signature(function).parameters][1:]  # without self


@pytest.mark.parametrize("key", parts.PARTS)
def test_a_part_has_what_the_protocol_says(key):
    part = parts.part(key)
    assert part.KEY == key
    for name, arguments in members(parts.Part):
        has = getattr(part, name)
        if arguments is not None:
            assert [*inspect.signature(has).parameters] == arguments, f"{key}.{name}"


def test_an_unknown_part_gets_one_sentence():
    with pytest.raises(ValueError, match="one of access, pipeline, checkpoint, got 'serving'"):
        parts.part("serving")


@pytest.mark.parametrize(("key", "track"), BOTH)
def test_a_result_is_frozen_and_says_what_is_good(key, track):
    part, track = parts.part(key), TRACKS[track]
    result = part.evaluate(track, part.start(track))
    for name in parts.Result.__annotations__:
        assert hasattr(result, name)
    assert result.good == (not result.misses)
    assert set(result.goals.values()) <= {True, False}
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.track = None


@pytest.mark.parametrize(("key", "track"), BOTH)
def test_the_start_names_each_control_and_every_option_has_a_name_of_its_own(key, track):
    part, track = parts.part(key), TRACKS[track]
    offered, start = part.options(track), part.start(track)
    for control, options in offered.items():
        names = [option.name for option in options]
        assert start[control] in names
        assert len({*names}) == len(names)
        # A name says all that is needed: without the step it is understood as the same.
        if all(isinstance(option.value, float) for option in options) and control != "mtbf":
            for option in options:
                others = tuple(one for one in options if one != option)
                if others[0].value < option.value < others[-1].value:
                    value = parts.values({control: others}, {control: option.name})[control]
                    assert value == pytest.approx(option.value, rel=1e-12)


@pytest.mark.parametrize(("key", "track"), BOTH)
def test_a_setting_that_is_none_gets_one_sentence(key, track):
    part, track = parts.part(key), TRACKS[track]
    for control, options in part.options(track).items():
        for wrong in ("nonsense", "", None, 7, "1e400", "-5", options[0].label + "!"):
            with pytest.raises(ValueError, match=f"^{control} cannot be .*; it can be "):
                part.evaluate(track, {control: wrong})


@pytest.mark.parametrize(("key", "track"), BOTH)
def test_a_move_is_one_evaluation_and_one_say(key, track, monkeypatch):
    lab = lock(arrive(open_lab(key), ""), track)
    bench, part, calls = lab.workbench, parts.part(key), []
    for name in ("evaluate", "say"):
        called = getattr(part, name)
        monkeypatch.setattr(
            part, name, lambda *a, name=name, called=called: calls.append(name) or called(*a)
        )
    for control in bench.controls.values():
        for index in {0, len(control.options) - 1} - {control.index}:
            calls.clear()
            control.index = index
            assert calls == ["evaluate", "say"]
