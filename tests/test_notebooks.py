"""Notebooks are thin, hold no outputs, and run from top to bottom."""

import ast

import nbclient
import nbformat
import pytest

from tests.conftest import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@EACH
def test_thin(path):
    for cell in nbformat.read(path, 4).cells:
        if cell.cell_type == "code":
            assert not cell.outputs and cell.execution_count is None
            assert len(cell.source.splitlines()) <= 8
            kinds = (ast.FunctionDef, ast.ClassDef, ast.For, ast.If)
            assert not any(isinstance(node, kinds) for node in ast.walk(ast.parse(cell.source)))


@EACH
def test_runs(path):
    notebook = nbformat.read(path, 4)
    notebook.metadata.pop("kernelspec")  # names the browser's kernel
    nbclient.NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
