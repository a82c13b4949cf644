"""What a pure file must not do, read from its syntax tree: no framework, no clock, no chance without a seed, no display text."""

import ast
from collections.abc import Iterator

# Modules of the standard library through which the world would come in.
WORLDLY = frozenset(
    {"django", "gettext", "locale", "os", "secrets", "socket", "sqlite3", "subprocess", "time", "uuid", "urllib", "logging"}
)
# Pure files outside a rules/ package that rules may use.
PURE_FILES = frozenset({"doorstep.foundation.regulations.deadlines", "doorstep.foundation.journal.merkle"})
PRESENT = frozenset({"now", "today", "utcnow"})
# Sources of chance that take a seed.
SEEDED = frozenset({"Random", "default_rng", "PCG64", "RandomState", "Generator", "SeedSequence"})


def impurities(tree: ast.AST) -> Iterator[str]:
    """Each thing that makes the file impure, with its line."""
    for node in ast.walk(tree):
        for what in _wrong(node):
            yield f"line {getattr(node, 'lineno', 0)}: {what}"


def _wrong(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _wrong_import(alias.name)
    elif isinstance(node, ast.ImportFrom):
        yield from _wrong_import(node.module or "")
        if node.module == "random":
            yield from (f"from random import {alias.name}" for alias in node.names if alias.name not in SEEDED)
    elif isinstance(node, ast.Attribute):
        if _named(node.value) == "random" and node.attr not in SEEDED:
            yield f"random.{node.attr} draws from the process's own chance"
        if node.attr in PRESENT and _named(node.value) in {"date", "datetime", "dt", "clock"}:
            yield f"{_named(node.value)}.{node.attr} asks the clock"
    elif isinstance(node, ast.Call):
        called = _named(node.func)
        if called in SEEDED and not node.args and not node.keywords:
            yield f"{called}() without a seed"


def _wrong_import(module: str) -> Iterator[str]:
    if module.partition(".")[0] in WORLDLY:
        yield f"imports {module}"
    if module.startswith("doorstep.") and ".rules" not in module and module not in PURE_FILES:
        yield f"imports {module}, which is not a rule"


def _named(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""
