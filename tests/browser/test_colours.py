"""No meaning is carried by colour alone: computed, in every picture, and seen through other eyes.

Colours are simulated by the matrices of G. M. Machado, M. M. Oliveira, L. A. F. Fernandes, "A
Physiologically-Based Model for Simulation of Color Vision Deficiency", IEEE TVCG 15 (6), 2009, for
a severity of 1.0, on linear RGB; grey is the luminance of WCAG 2. The threshold is the 3:1 of WCAG
2.1, success criterion 1.4.11, between what a reader needs and what lies next to it.
"""

import io
import re
from itertools import combinations
from xml.etree import ElementTree

import bqplot
import numpy as np
import pytest
from PIL import Image

from iowall.views import theme
from iowall.views.gauge import DataFlowGauge
from iowall.views.sankey import DataFlowSankey
from iowall.views.saturation import SaturationPlot
from iowall.views.throughput import ThroughputCurve
from iowall.views.waterfall import IOWaterfall
from iowall.views.write_path import WritePath
from iowall.views.young_daly import YoungDalyPlot
from tests.browser import play, test_access, test_checkpoint, test_pipeline
from tests.test_figures import figures

LIGHT = np.array([0.2126, 0.7152, 0.0722])
VISIONS = {
    "none": np.eye(3),
    "deuteranopia": np.array([
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ]),
    "protanopia": np.array([
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ]),
    "tritanopia": np.array([
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ]),
    "achromatopsia": np.tile(LIGHT, (3, 1)),
}  # fmt: skip
ENOUGH = 3  # to 1, WCAG 1.4.11
PAPERS = {"light": "#ffffff", "dark": "#121212"}  # the book's theme
HUES = {
    name: getattr(theme, name)
    for name in ("COMPUTE", "TRANSFER", "WAIT", "LOCAL", "CHOICE", "REST")
}
INSTRUMENTS = (
    IOWaterfall,
    ThroughputCurve,
    DataFlowSankey,
    DataFlowGauge,
    SaturationPlot,
    YoungDalyPlot,
    WritePath,
)


def linear(colour):
    """A colour of the page, as light: from a name in hexadecimal, or from bytes."""
    if isinstance(colour, str):
        colour = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    part = np.asarray(colour) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def seen(colour, vision):
    """The luminance of a colour to a reader who sees so."""
    return np.clip(linear(colour) @ VISIONS[vision].T, 0, 1) @ LIGHT


def contrast(one, other):
    """WCAG's contrast of two luminances."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_contrast_is_that_of_wcag():
    # Of the criterion's own explanation: #767676 is the palest grey that has 4.5 to 1 on white.
    grey, paler, white = (seen(one, "none") for one in ("#767676", "#777777", "#ffffff"))
    assert contrast(white, grey) >= 4.5 > contrast(white, paler)
    assert contrast(white, seen("#000000", "none")) == pytest.approx(21)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("paper", PAPERS.values())
def test_hues_are_seen_on_the_page(paper, vision):
    """Stripes and dots are of the page's colour: they are seen on an area as it is on the page."""
    ground = seen(paper, vision)
    found = {name: contrast(seen(hue, vision), ground) for name, hue in HUES.items()}
    assert {name: value for name, value in found.items() if value < ENOUGH} == {}


def too_alike():
    """Pairs of hues that somebody cannot tell apart by their lightness."""
    return {
        frozenset(pair)
        for pair in combinations(HUES.values(), 2)
        for vision in VISIONS
        if contrast(*(seen(one, vision) for one in pair)) < ENOUGH
    }


def test_every_pair_of_hues_needs_something_else():
    """So the pictures below are held to it for all of them."""
    assert len(too_alike()) == len(list(combinations(HUES, 2)))


# What is in a key, without its colour.


def signs(instrument):
    """The key above a picture: each name's sign."""
    heading = ElementTree.fromstring(f"<all>{instrument.children[0].value}</all>")
    return {span.find("svg").tail: span.find("svg") for span in heading.iter("span")}


def form(sign):
    """A sign without its hue: its shapes and where they lie, its pattern, dash, width, paleness."""
    *_, shape = sign
    style = dict(one.split(":") for one in shape.get("style").split(";"))
    fill = style.get("fill")
    return (
        tuple(shape.get(name) for name in ("d", "y", "height")),
        fill if fill in (theme.STRIPED, theme.DOTTED, None) else "plain",
        style.get("stroke-dasharray") if style.get("stroke", "none") != "none" else None,
        style.get("stroke-width"),
        float(style.get("fill-opacity", 1)) < 0.5,
    )


@pytest.mark.parametrize("kind", INSTRUMENTS)
def test_signs_of_a_key_differ_in_form(kind):
    forms = {name: form(sign) for name, sign in signs(kind()).items()}
    assert len(forms) >= 3 and len(set(forms.values())) == len(forms)


def test_the_forms_do_not_hold_the_hue():
    [one, other] = ElementTree.fromstring(
        f"<all>{theme.area(theme.TRANSFER)}{theme.area(theme.COMPUTE)}</all>"
    )
    assert form(one) == form(other)


def marks(instrument, kind):
    [picture] = [child for child in instrument.children if isinstance(child, bqplot.Figure)]
    return [mark for mark in picture.marks if isinstance(mark, kind)]


@pytest.mark.parametrize("kind", INSTRUMENTS)
def test_the_picture_is_as_its_key_says(kind):
    instrument = kind()
    lines = marks(instrument, bqplot.Lines)
    areas = [mark for mark in lines if mark.fill == "inside"]
    filled = {colour for mark in areas for colour in mark.fill_colors}
    assert not filled & {theme.WAIT, theme.LOCAL}  # they have patterns
    text = instrument.children[0].value
    for pattern, name in ((theme.STRIPED, "iowall-wait"), (theme.DOTTED, "iowall-local")):
        assert (pattern in filled) <= (f'<pattern id="{name}"' in text)

    looks = {}
    for mark in lines:
        if mark not in areas:
            look = mark.line_style, mark.stroke_width
            looks.setdefault(look, set()).update({*mark.colors} & {*HUES.values()})
    for mark in marks(instrument, bqplot.Scatter):
        looks.setdefault(mark.marker, set()).update({*mark.colors} & {*HUES.values()})
    assert {look: hues for look, hues in looks.items() if len(hues) > 1} == {}


# The stills.

# Where two hues look the same otherwise, and what tells them apart.
PLACES = {
    "knee": "never meet; each line is named at its end",
    "readahead": "each in a row of its own, which is named",
    "lab_access": "each in a lane of its own, which is named",
    "lab_checkpoint": "pale below, full above",
    "lab_pipeline": "pale around, full within",
    "pause": "pale behind, full before, and named",
    "order_ratio": "points on their own lines",
    "interval_waste": "points on their own lines",
}


def hue(colour):
    """Which of our hues a colour of matplotlib is, if any."""
    name = figures.matplotlib.colors.to_hex(colour).upper()
    return name if name in HUES.values() else None


def still_looks(axes):
    """The hues in a panel by what else they look like."""
    looks = {}
    for line in axes.lines:
        looks.setdefault((line.get_linestyle(), line.get_marker()), set()).add(
            hue(line.get_color())
        )
    for patch in axes.patches:
        looks.setdefault(("area", patch.get_hatch() or ""), set()).add(hue(patch.get_facecolor()))
    for area in axes.collections:
        look = ("area", area.get_hatch() or "")
        looks.setdefault(look, set()).update(hue(one) for one in area.get_facecolor())
    return {look: hues - {None} for look, hues in looks.items()}


@pytest.mark.parametrize("name", figures.FIGURES)
def test_hues_of_a_still_differ_in_more(name):
    figure, alternative, caption = figures.draw(name)
    looks = [look for axes in figure.axes for look in still_looks(axes).items()]
    alike = [(look, hues) for look, hues in looks if len(hues) > 1]
    assert bool(alike) == (name in PLACES), alike
    plain = {hue for look, hues in looks for hue in hues if look == ("area", "")}
    assert not plain & {theme.WAIT, theme.LOCAL}
    named = re.compile(r"\b(colou?r|blue|orange|green|gr[ae]y|pink|red|gold|yellow)", re.IGNORECASE)
    assert not named.search(alternative + caption)


# In the browser.

SEEDS = {
    "access": test_access.seeded("cloud", order="sequential"),
    "pipeline": test_pipeline.seeded("cloud", policy="pinned", disk_size="5 TB"),
    "checkpoint": test_checkpoint.seeded("cloud", strategy="local"),
}
# In each part, areas that meet: the instrument, and what each is filled with.
STRIPED, DOTTED = "#iowall-wait", "#iowall-local"
AREAS = {
    "access": [("waterfall", STRIPED), ("waterfall", theme.TRANSFER), ("waterfall", theme.COMPUTE)],
    "pipeline": [("sankey", DOTTED), ("sankey", theme.TRANSFER), ("gauge", STRIPED)],
    "checkpoint": [("young-daly", STRIPED), ("young-daly", theme.REST), ("sankey", STRIPED)],
}


@pytest.fixture(scope="module", params=SEEDS)
def lab(request, browser, address):
    """A lab behind its lock; its page and its part."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(60_000)
    play.seed(context, SEEDS[request.param])
    page = context.new_page()
    page.goto(f"{address}book/{request.param}.html")
    play.ready(page)
    page.wait_for_selector(".iowall-instrument path.line >> nth=4", state="attached")
    if request.param == "pipeline":
        page.get_by_role("button", name="Later epochs").click()
    page.wait_for_timeout(500)
    yield page, request.param
    context.close()


# The flattest area of a picture that is filled so, as a box of the page: its box holds no other.
FIND = """([instrument, fill]) => {
  const name = (colour) => {
    const probe = document.createElement("i");
    probe.style.color = colour;
    return probe.style.color;
  };
  const all = [...document.querySelectorAll(`.iowall-${instrument} .bqplot path.line`)];
  const boxes = all
    .filter((path) => {
      const { fill: its } = getComputedStyle(path);
      return fill.startsWith("#iowall") ? its.includes(`${fill}"`) : its === name(fill);
    })
    .map((path) => path.getBoundingClientRect())
    .map(({ x, y, width, height }) => ({ x: x + scrollX, y: y + scrollY, width, height }))
    .filter(({ width, height }) => width > 1 && height > 4)
    .sort((one, other) => one.height - other.height);
  return boxes[0];
}"""


def pixels(page, instrument, fill):
    """What is seen of an area, away from its edges, the words on it and the line in its middle."""
    box = page.evaluate(FIND, [instrument, fill])
    assert box, f"nothing in {instrument} is {fill}"
    image = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    across, down = box["width"], box["height"]
    left, top = box["x"] + 0.55 * across, box["y"] + min(2, 0.2 * down)
    if instrument == "young-daly":  # the band is a wedge: its lower right is inside
        left, top = box["x"] + 0.9 * across, box["y"] + 0.8 * down
    right = left + min(30, 0.35 * across if instrument != "young-daly" else 0.08 * across)
    bottom = top + min(14, 0.28 * down if instrument != "young-daly" else 0.15 * down)
    cut = image.crop([round(one) for one in (left, top, max(right, left + 1), bottom)])
    return np.asarray(cut).reshape(-1, 3)


def spread_of(page, instrument, fill):
    """The contrast between the lights and the darks of an area."""
    lights = linear(pixels(page, instrument, fill)) @ LIGHT
    return contrast(*np.percentile(lights, (4, 96)))


@pytest.mark.parametrize("scheme", PAPERS)
def test_areas_that_meet_are_told_apart_by_everyone(lab, scheme):
    page, part = lab
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.locator(f'html[data-theme="{scheme}"]').wait_for(state="attached")
    session = page.context.new_cdp_session(page)
    try:
        for vision in VISIONS:
            session.send("Emulation.setEmulatedVisionDeficiency", {"type": vision})
            page.wait_for_timeout(100)
            for instrument, fill in AREAS[part]:
                # Lines of 1.5 px blend with the hue at their edges: less than 3 to 1 is left.
                patterned = fill in (STRIPED, DOTTED)
                told = (1.8, np.inf) if patterned else (1, 1.15)
                for _ in range(20):  # a picture may be on its way
                    spread = spread_of(page, instrument, fill)
                    if told[0] <= spread <= told[1]:
                        break
                    page.wait_for_timeout(100)
                else:
                    pytest.fail(f"{vision}: {instrument}, {fill}: {spread:.2f}")
    finally:
        session.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})


@pytest.mark.parametrize("lab", ["access"], indirect=True)
def test_the_browser_sees_as_computed(lab):
    """Chromium's own simulation against ours, on a colour that all of them change."""
    page, _ = lab
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    session = page.context.new_cdp_session(page)
    for vision, matrix in VISIONS.items():
        session.send("Emulation.setEmulatedVisionDeficiency", {"type": vision})
        page.wait_for_timeout(100)
        shown = linear(np.median(pixels(page, "waterfall", theme.TRANSFER), axis=0))
        assert shown == pytest.approx(np.clip(matrix @ linear(theme.TRANSFER), 0, 1), abs=0.03)
    session.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})


def test_a_pattern_is_in_the_key_of_its_picture(lab):
    page, part = lab
    for instrument, fill in AREAS[part]:
        if fill in (STRIPED, DOTTED):
            key = page.locator(f".iowall-{instrument} .iowall-key")
            assert key.locator(f"pattern{fill} .iowall-lines path").count() == 1
            assert key.locator("rect[style*='var(--iowall-']").count() >= 1


@pytest.mark.parametrize("lab", ["pipeline"], indirect=True)
def test_lines_have_their_dashes(lab):
    page, _ = lab
    dashes = page.locator(".iowall-saturation path.line").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).strokeDasharray.replaceAll('px', ''))"
    )
    assert {"2, 10", "10, 10", "10, 5, 2, 5", "none"} == set(dashes)


def test_states_and_links_are_told_by_more(lab):
    page, _ = lab
    goals = page.locator(".iowall-goals li")
    for goal in goals.all():
        met = "iowall-met" in (goal.get_attribute("class") or "")
        assert goal.inner_text().startswith("✓" if met else "○")
    assert goals.count() >= 2
    links = ".bd-article p a:not(.headerlink), .iowall-lab a"
    lines = page.locator(links).evaluate_all(
        "all => all.filter((one) => one.checkVisibility())"
        ".map((one) => getComputedStyle(one).textDecorationLine)"
    )
    assert lines and set(lines) == {"underline"}


# What a control is made of, as luminances: its ground and its rim, and the page's ground.
CONTROLS = """(selector) => {
  const light = (colour) => {
    const [r, g, b, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
    const part = (one) => (one <= 10.31 ? one / 3294.6 : ((one / 255 + 0.055) / 1.055) ** 2.4);
    return alpha ? 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b) : null;
  };
  const page = light(getComputedStyle(document.querySelector(".iowall-lab")).backgroundColor);
  return [...document.querySelectorAll(selector)]
    .filter((one) => one.checkVisibility())
    .map((one) => [one, getComputedStyle(one)])
    .map(([one, { backgroundColor, borderTopColor, borderTopWidth }]) => ({
      name: `${one.className} ${one.textContent}`.slice(0, 80),
      ground: light(backgroundColor) ?? page,
      rim: parseFloat(borderTopWidth) ? light(borderTopColor) : page,
      page,
    }));
}"""
BUTTONS = ".iowall-lab-body button.jupyter-button"
HANDLES = ".iowall-lab-body .noUi-handle"


def seen_on_the_page(one):
    return max(contrast(one["ground"], one["page"]), contrast(one["rim"], one["page"]))


@pytest.mark.parametrize("scheme", PAPERS)
def test_with_colours_of_the_readers_own(lab, scheme):
    """Windows' contrast themes: controls have rims, what is chosen is filled, focus is seen."""
    page, part = lab
    page.emulate_media(color_scheme=scheme, forced_colors="active", reduced_motion="reduce")
    try:
        controls = page.evaluate(CONTROLS, f"{BUTTONS}, {HANDLES}")
        assert len(controls) > 5
        assert [one for one in controls if seen_on_the_page(one) < ENOUGH] == []
        # The choices of a part; each has one that is chosen.
        both = (".mod-active", ":not(.mod-active)")
        for group in page.locator(".iowall-lab-body .widget-toggle-buttons").all():
            on, off = (
                group.locator(f"button{which}").first.evaluate(
                    "one => getComputedStyle(one).backgroundColor"
                )
                for which in both
            )
            assert on != off
        page.locator(HANDLES).first.focus()
        page.keyboard.press("Tab")
        style, width = page.evaluate(
            """() => {
              const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
              return [outlineStyle, parseFloat(outlineWidth)];
            }"""
        )
        assert style == "solid" and width >= 2
        # The pictures keep their hues and patterns.
        for instrument, fill in AREAS[part]:
            assert page.evaluate(FIND, [instrument, fill])
        swatches = page.locator(".iowall-key svg").evaluate_all(
            "all => all.map((one) => getComputedStyle(one).forcedColorAdjust)"
        )
        assert swatches and set(swatches) == {"none"}
    finally:
        page.emulate_media(forced_colors="none", reduced_motion="reduce")


@pytest.mark.parametrize("scheme", PAPERS)
def test_with_more_contrast_cards_and_buttons_have_rims(lab, scheme):
    page, _ = lab
    cards = f".iowall-mission, .iowall-lock, .iowall-reflection, {BUTTONS}"
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    assert min(map(seen_on_the_page, page.evaluate(CONTROLS, cards))) < ENOUGH
    page.emulate_media(color_scheme=scheme, contrast="more", reduced_motion="reduce")
    try:
        found = page.evaluate(CONTROLS, cards)
        assert [one for one in found if seen_on_the_page(one) < 4.5] == []
    finally:
        page.emulate_media(contrast="no-preference", reduced_motion="reduce")
