"""The still figures: each can be read, says in words what it shows, and is used in the prose."""

import doctest
import re
import sys
from itertools import combinations

import numpy as np
import pytest
from docutils import nodes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from tests.conftest import ROOT

sys.path.insert(0, str(ROOT / "book" / "_ext"))
from iowall_book import figures  # noqa: E402
from iowall_book.figures import canvas  # noqa: E402

PHONE = 350  # [px] what a screen of 390 leaves for a figure
SMALLEST = 10  # [px] a letter's size that can still be read
USED = re.compile(r"^`{3,}{iowall-figure} (\w+)", re.MULTILINE)
LAB = re.compile(r"^`{3,}{lab} (\w+)", re.MULTILINE)


@pytest.fixture(scope="module")
def drawn():
    return {name: figures.draw(name) for name in figures.FIGURES}


def each(test):
    return pytest.mark.parametrize("name", figures.FIGURES)(test)


def labels(figure):
    """Every label that is seen, with its box in points from the figure's lower left corner."""
    figure.set_dpi(72)
    renderer = FigureCanvasAgg(figure).get_renderer()
    figure.draw(renderer)
    for text in figure.findobj(Text):
        seen = text.axes is None or text.axes.axison or text in text.axes.texts
        if seen and text.get_visible() and text.get_text().strip():
            yield text.get_text(), Text.get_window_extent(text, renderer)


def overlaps(one, other):
    """Whether two boxes share more than a hair."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return width > 1 and height > 1


@each
def test_no_label_is_cut_off_or_covers_another(drawn, name):
    figure, *_ = drawn[name]
    boxes = list(labels(figure))
    width, height = figure.get_size_inches() * 72
    assert len(boxes) >= 5
    for text, box in boxes:
        inside = box.x0 >= -1 and box.y0 >= -1 and box.x1 <= width + 1 and box.y1 <= height + 1
        assert inside, f"{text!r} leaves the canvas: {box}"
    for (one, its), (other, others) in combinations(boxes, 2):
        assert not overlaps(its, others), f"{one!r} covers {other!r}"


def test_these_checks_see_what_they_look_for():
    with figures.matplotlib.rc_context(canvas.STYLE):
        figure, axes = canvas.chart("time", "rate", log="")
        canvas.say(axes, "one label", (0.5, 0.5))
        canvas.say(axes, "another label", (0.55, 0.5))
        beyond = axes.text(0.9, 0.2, "far too long for this place, whatever it says")
        beyond.set_in_layout(False)
    boxes = dict(labels(figure))
    assert overlaps(boxes["one label"], boxes["another label"])
    assert not overlaps(boxes["one label"], boxes["time"])
    assert boxes[beyond.get_text()].x1 > 72 * canvas.WIDTH + 1


@each
def test_letters_can_be_read_on_a_phone(drawn, name):
    figure, *_ = drawn[name]
    width = figure.get_size_inches()[0] * 72
    sizes = {text.get_fontsize() for text in figure.findobj(Text) if text.get_text().strip()}
    assert min(sizes) * PHONE / width >= SMALLEST


@each
def test_the_words_say_what_it_shows(drawn, name):
    _, alternative, caption = drawn[name]
    for words in (alternative, caption):
        assert words.endswith(".") and len(words) > 60
        assert not re.search(r"\b(figure|picture|chart|graph|plot) (of|shows)\b", words, re.I)
        assert not re.search(r"\b(nan|inf|None|np)\b|\d{7,}|\d\.\d{4,}|  ", words)
    assert re.search(r"\d", alternative), "what is shown has a number"
    assert alternative != caption


@each
def test_ink_is_the_page_s_own(drawn, name):
    figure, alternative, _ = drawn[name]
    svg = figures.svg(figure, name=name, alternative=alternative)
    assert "currentColor" in svg
    assert not re.search(r"#000000|#fff(fff)?\b|\b(black|white)\b|" + canvas.INK, svg, re.I)
    for style in re.findall(r'<text style="([^"]*)"', svg):  # else SVG's own default: black
        assert "fill: currentColor" in style
    assert "<style" not in svg and "font-family" not in svg
    assert svg.startswith('<svg class="iowall-still" role="img" aria-label="')


def test_the_words_are_escaped_in_the_page(drawn):
    figure, *_ = drawn["storm"]
    assert 'aria-label="a &lt; &quot;b&quot;."' in figures.svg(
        figure, name="storm", alternative='a < "b".'
    )


def test_no_two_figures_of_a_page_share_an_id(drawn):
    ids = [
        one
        for name, (figure, alternative, _) in drawn.items()
        for one in set(
            re.findall(r' id="([^"]*)"', figures.svg(figure, name=name, alternative=alternative))
        )
    ]
    assert ids and len(ids) == len(set(ids))


def test_a_figure_is_the_same_in_each_build():
    name = "simulated_runs"
    once, again = (
        figures.svg(figures.draw(name)[0], name=name, alternative="Runs.") for _ in range(2)
    )
    assert once == again


def used():
    """Figures in the prose; on paper a lab's own stands in for it, unless the prose has it."""
    for path in (ROOT / "book").glob("*.md"):
        page = path.read_text(encoding="utf-8")
        named = USED.findall(page)
        yield from named
        yield from {f"lab_{part}" for part in LAB.findall(page)} & {*figures.FIGURES} - {*named}


def test_the_prose_names_only_figures_that_exist():
    assert set(used()) <= set(figures.FIGURES)


@each
def test_the_prose_uses_each_figure_once(name):
    assert list(used()).count(name) == 1


def test_sphinx_numbers_it_by_name():
    """What numref needs: a figure with a caption, under a label that was given on purpose."""
    noted = []
    directive = figures.FigureDirective.__new__(figures.FigureDirective)
    directive.arguments, directive.options = ["queue_depth"], {"class": ["print-only"]}
    directive.set_source_info = lambda node: None
    directive.state = type("State", (), {})()
    directive.state.document = type("Document", (), {})()
    directive.state.document.note_explicit_target = lambda *nodes: noted.append(nodes[0])
    [figure] = directive.run()
    assert isinstance(figure, nodes.figure) and isinstance(figure[-1], nodes.caption)
    assert figure["names"] == ["fig-queue-depth"] and noted == [figure]
    assert figure["classes"] == ["iowall-figure", "print-only"]


def test_the_examples_of_the_canvas():
    seen = doctest.testmod(canvas)
    assert seen.attempted >= 2 and not seen.failed


# What some figures must show, in numbers from elsewhere than the figures' own code.


def test_the_wall_spans_what_the_data_sheets_say(drawn):
    # 275 MB/s over 4096 B / (8.5 ms + half a turn at 7200 rpm)
    texts = [text for text, _ in labels(drawn["wall"][0])]
    assert "850 ×" in texts and "205 ×" in texts


def test_the_best_intervals_are_those_of_the_fact_table(drawn):
    # optimum 7.0, 20.1 and 46 min for writes of 7, 60 and 350 s, a failure every 3.606 h
    assert "7, 20 and 46 minutes" in drawn["interval_waste"][1]


def test_the_storm_takes_an_hour(drawn):
    # 1,024 copies of 350 GB into 100 GB/s: 3,584 s
    assert f"{3584 / 60:.1f} min" in drawn["storm"][1]


def test_the_sound_stops_with_three_frames_and_not_with_five(drawn):
    # 45 ms of erase and less than one of reading, less 30 ms held, in frames of 10 ms
    assert (
        "for 3 the sound stops for 2 frames; with room for 5 it stops for none"
        in (drawn["pause"][1])
    )


def test_the_measured_points_are_those_of_the_paper(drawn):
    [axes] = drawn["hit_ratios"][0].axes
    marks = {
        line.get_marker(): (line.get_xdata(), line.get_ydata())
        for line in axes.lines
        if line.get_marker() in "os"
    }
    # CoorDL: 65 % cached, MinIO 35 % missed, DALI-seq 66 % missed
    assert np.allclose(np.ravel(marks["o"]), [0.65, 0.65])
    assert np.allclose(np.ravel(marks["s"]), [0.65, 0.34])
