"""Where the house stands, for the tests that read its source instead of running it."""

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "doorstep"
DOCS = SOURCE.parents[1] / "docs"
# From the bottom up: a module may know those before it.
MODULES = ("foundation", "organisations", "talents", "resources", "affairs", "projects", "services", "site")
MECHANISMS = MODULES[1:-1]
ROOMS = (
    "printing", "clock", "access", "journal", "places", "identity", "regulations", "files", "search", "notify", "moderation", "occasions",
    "ui",
)  # fmt: skip


def code_files() -> Iterator[Path]:
    """Every Python file of the house, without its tests and migrations."""
    for path in sorted(SOURCE.rglob("*.py")):
        if not {"tests", "migrations"} & set(path.relative_to(SOURCE).parts):
            yield path


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), filename=str(path))


def strings(tree: ast.AST) -> Iterator[str]:
    """Every string constant, the fixed parts of f-strings among them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
