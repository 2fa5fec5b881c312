"""Style as a test: short functions and files, a sentence that opens each module, time only at the edge."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted(
    path
    for top in ("daemon", "store", "mailtemplates")
    for path in (ROOT / top).rglob("*.py")
    if path.parent.name != "versions"  # migrations: written once by Alembic's hand, never changed
)
LONGEST_FUNCTION = 70
LONGEST_FILE = 450
BANNED = re.compile(r"(?:^|_)(?:utils?|helpers?|managers?|misc|common)(?:_|$)", re.I)


def trees() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES]


def place(path: Path, node: ast.stmt | None = None) -> str:
    return f"{path.relative_to(ROOT)}:{node.lineno if node else 1}"


def test_every_module_opens_with_a_sentence() -> None:
    bare = [place(path) for path, tree in trees() if tree.body and not ast.get_docstring(tree)]
    assert not bare


def test_functions_and_files_stay_short() -> None:
    long = [
        f"{place(path, node)} {node.name} {node.end_lineno - node.lineno + 1}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
    ]
    large = [place(path) for path in MODULES if path.read_text(encoding="utf-8").count("\n") > LONGEST_FILE]
    assert not long
    assert not large


def test_no_name_says_nothing() -> None:
    names = [place(path) for path in MODULES if BANNED.search(path.stem)]
    names += [
        f"{place(path, node)} {node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and BANNED.search(node.name)
    ]
    assert not names


def test_only_the_edges_know_what_time_it_is() -> None:
    asks = re.compile(r"datetime\.(?:now|utcnow|today)\(|date\.today\(|time\.time\(")
    found = [
        f"{place(path)} {match.group()}"
        for path in MODULES
        if "edges" not in path.parts
        for match in asks.finditer(path.read_text(encoding="utf-8"))
    ]
    assert not found


def test_the_repository_names_no_machine_and_no_unfinished_work() -> None:
    """Nothing of a builder's machine, no mark of unfinished work, in what git tracks."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no git checkout")
    # Put together here, so that this file does not find itself.
    marks = re.compile("|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX\\b", "/wo" + "rk/", "/tmp/" + "bash"]))
    found = []
    for name in listed.stdout.split():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".txt", ".html", ".sh", ".typ"} and path.is_file():
            text = path.read_text(encoding="utf-8")
            found += [f"{name}: {match.group()}" for match in marks.finditer(text)]
    assert not found


def test_the_arrows_hold() -> None:
    """import-linter's contracts in pyproject.toml."""
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_module_has_a_layer() -> None:
    """A module in no layer would be under no arrow."""
    import tomllib

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (layers,) = (c["layers"] for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    rooms = {name.strip() for line in layers for name in line.replace("|", " ").split()}
    homeless = []
    for path in MODULES:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if name not in {"daemon", "mailtemplates"} and not any(name == r or name.startswith(r + ".") for r in rooms):
            homeless.append(name)
    assert not homeless
