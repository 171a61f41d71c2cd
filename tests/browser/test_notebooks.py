"""Every cell of every notebook, in the reader's JupyterLite, run by opening it."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.play import locked, seed
from tests.browser.site import ROOT

NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
# The models of the code cells: the page itself draws only the cells that are in sight.
CELLS = """() => {
    const cells = window.jupyterapp?.shell.currentWidget?.content?.model?.cells;
    return Array.from(cells ?? []).map((cell) => cell.toJSON()).filter(
        (cell) => cell.cell_type === 'code');
}"""
DONE = f"""() => {{
    const cells = ({CELLS})();
    const failed = cells.some((cell) => cell.outputs.some((one) => one.output_type === 'error'));
    return cells.length > 0 && (failed || cells.every((cell) => cell.execution_count));
}}"""


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_to_its_end(visit, name):
    page = visit().open(f"lite/notebooks/index.html?path={name}")
    page.wait_for_function(DONE, timeout=120_000)
    cells = page.evaluate(CELLS)
    source = json.loads((ROOT / "notebooks" / name).read_text(encoding="utf-8"))["cells"]
    assert len(cells) == sum(cell["cell_type"] == "code" for cell in source)
    for cell in cells:
        for output in cell["outputs"]:
            assert output["output_type"] != "error" and output.get("name") != "stderr", output


def test_a_notebooks_lab_has_names_and_is_announced_once_it_has_settled(visit):
    reader = visit()
    seed(reader.context, locked("cloud"))
    page = reader.open("lite/notebooks/index.html?path=01_access_patterns.ipynb")
    slider = page.get_by_role("slider", name="Workers")
    slider.wait_for(timeout=120_000)
    # The first cells with figures are still being drawn.
    page.wait_for_selector(".iowall-throughput path.line >> nth=2", state="attached")
    live = page.locator(":is(.iowall-sentence, .iowall-verdict):not([aria-live=off])")
    expect(live).to_have_count(0)
    page.wait_for_timeout(1500)
    announcer = page.locator(".iowall-announcer")
    assert announcer.inner_text() == ""
    announcer.evaluate(
        """node => {
            window.heard = [];
            const listen = () => heard.push(node.textContent);
            new MutationObserver(listen).observe(node, { childList: true });
        }"""
    )
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(100)
    page.wait_for_function("() => window.heard.length")
    page.wait_for_timeout(1500)
    [heard] = page.evaluate("heard")
    said = page.locator(".iowall-instrument .iowall-sentence").all_inner_texts()
    assert any(sentence in heard for sentence in said)
