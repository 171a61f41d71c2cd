"""Every cell of every notebook, in the reader's JupyterLite, run by opening it."""

import json

import pytest

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
