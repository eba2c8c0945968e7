"""Nothing that is read here can run: no loader of pickles is in the code."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import name_of, nodes_of, sources

LOADERS = frozenset(
    {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "skops"}
)
CALLS = frozenset({"allow_pickle", "read_pickle"})


def loaders_in(nodes: list[ast.AST]) -> set[str]:
    """Return what of a source could load a pickle."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names} & LOADERS
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").split(".")[0]} & LOADERS
        elif isinstance(node, ast.Call):
            words = {keyword.arg or "" for keyword in node.keywords}
            text = {
                each.value
                for each in node.args
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
            found |= words & CALLS | text & LOADERS
        elif isinstance(node, ast.Attribute):
            found |= {node.attr} & CALLS
    return found


def test_no_source_loads_a_pickle() -> None:
    found = {name_of(path): loaders_in(list(nodes_of(path))) for path in sources("engine", "terminal")}
    assert found
    assert not {name: what for name, what in found.items() if what}


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "import joblib.numpy_pickle as n",
        "from cloudpickle import loads",
        "import_module('dill')",
        "np.load(path, allow_pickle=True)",
        "pandas.read_pickle(path)",
    ],
)
def test_a_loader_would_be_found(text: str) -> None:
    assert loaders_in(list(ast.walk(ast.parse(text))))
