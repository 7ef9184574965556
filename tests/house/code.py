"""The project's own files, as the house tests look at them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_WRITTEN = {".git", ".coverage", "var", "build", "dist", "__pycache__"}


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted((ROOT / "mailgate").rglob("*.py"))


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def texts() -> Iterator[Path]:
    """Every file of the project that people write: no caches, no environment, nothing that a run wrote."""
    for file in sorted(ROOT.rglob("*")):
        parts = file.relative_to(ROOT).parts
        is_hidden = any(part.startswith(".") and part != ".ci" for part in parts[:-1])
        if file.is_file() and not is_hidden and not _NOT_WRITTEN.union({"corpus"}).intersection(parts):
            yield file


def place(file: Path) -> str:
    """The file as seen from the project's root."""
    return str(file.relative_to(ROOT))
