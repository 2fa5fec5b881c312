"""Docs as tests: settings, commands, metrics, doubts, functions and links in the documents are those of the code."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import prometheus_client
import pytest
from typer.main import get_command

from daemon import maillog
from daemon.cli import app, main
from daemon.commands import settings_file
from daemon.config import TABLES, Settings
from daemon.procedure import words
from daemon.procedure.rules import load_policy
from store import accounts
from store.transaction import Store

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def text_of(*names: str) -> str:
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names)


ADMINISTRATOR = text_of("docs/administrator.md")
FLOW = text_of("docs/flow.md")


def settings() -> list[tuple[str, object]]:
    """`imap.host` and its default, for every key."""
    return [
        (f"{table}.{key}", field.get_default())
        for table in TABLES
        for key, field in type(Settings.model_fields[table].get_default()).model_fields.items()
    ]


def commands(command: Any, path: tuple[str, ...] = ("duban",)) -> list[str]:
    """Every command of the program: `duban matters list`."""
    if not hasattr(command, "commands"):
        return [" ".join(path)]
    return [found for name, sub in command.commands.items() for found in commands(sub, (*path, name))]


@pytest.mark.parametrize(("name", "default"), settings())
def test_the_administrator_is_told_of_every_setting_and_its_default(name: str, default: object) -> None:
    shown = "空" if default in ("", ()) else f"`{settings_file.toml(default)}`"
    assert f"| `{name}` | {shown} |" in ADMINISTRATOR


def test_no_setting_is_told_of_that_does_not_exist() -> None:
    told = set(re.findall(r"^\| `(\w+\.\w+)` \|", ADMINISTRATOR, re.M))
    assert told == {name for name, _ in settings()}


def test_every_command_is_named() -> None:
    everywhere = text_of("README.md", "docs/administrator.md")
    assert not [command for command in commands(get_command(app)) if f"{command}`" not in everywhere]


def test_every_command_that_is_named_exists() -> None:
    known = set(commands(get_command(app)))
    groups = {command.rpartition(" ")[0] for command in known}
    spoken = re.compile(r"(?:^|`|\n)(?:duban|d)((?: [a-z][a-z-]*){1,2})")
    unknown = []
    for document in DOCUMENTS:
        for match in spoken.finditer(document.read_text(encoding="utf-8")):
            said = match.group(1).split()
            full, first = f"duban {' '.join(said)}", f"duban {said[0]}"
            if full not in known and first not in known and full not in groups:
                unknown.append(f"{document.name}: {full}")
    assert not unknown


def test_every_metric_is_told_of() -> None:
    assert maillog.MAILBOX_READ is not None
    metrics = {m.name for m in prometheus_client.REGISTRY.collect() if m.name.startswith("duban_")}
    assert metrics
    assert not [name for name in metrics if name not in ADMINISTRATOR]


def test_every_doubt_is_explained_to_the_section() -> None:
    section = text_of("docs/section.md")
    doubts = words.tables()["doubts"].values()
    assert not [doubt for doubt in doubts if f"| {doubt} |" not in section]


def test_the_sections_table_of_reminders_is_the_default_policy() -> None:
    """Working days and hours that the handbook names."""
    policy = load_policy("").reminders
    section = text_of("docs/section.md")
    days = {stage.id: stage.wd for stage in policy.stages}
    assert days == {
        "ack1": 1, "ack2": 2, "ack3": 3, "check": 0, "pre5": -5, "pre2": -2, "day0": 0, "over1": 1, "over3": 3,
        "lead3": 3, "over5": 5, "pres10": 10, "week": 15,
    }, "docs/section.md tells of these"  # fmt: skip
    assert f"{policy.announce_at:%H:%M}" in section
    assert f"{policy.unit_mail_at:%H:%M}" in section
    assert f"{policy.leader_digest_at:%H:%M}" in section
    assert f"最长 {policy.hold_max_wd} 个工作日" in section


def named_functions() -> list[str]:
    return re.findall(r"`([a-z_]+(?:\.\w+)+)`", FLOW)


def test_flow_names_functions() -> None:
    assert len(named_functions()) > 60


@pytest.mark.parametrize("name", sorted(set(named_functions())))
def test_a_function_of_the_walks_exists(name: str) -> None:
    parts = name.split(".") if name.startswith("store.") else ["daemon", *name.split(".")]
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: Any = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        assert callable(found)
        return
    raise AssertionError(f"no module of {name}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    text = re.sub(r"```.*?```", "", document.read_text(encoding="utf-8"), flags=re.S)
    targets = [t for t in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:|#", t)]
    assert not [t for t in targets if not (document.parent / t.partition("#")[0]).exists()]


@pytest.mark.parametrize("room", sorted(p.name for p in (ROOT / "daemon").iterdir() if (p / "__init__.py").exists()))
def test_the_developer_is_told_of_every_room(room: str) -> None:
    assert f"daemon/{room}" in text_of("docs/developer.md")


def test_readmes_show_the_arrows_as_they_are() -> None:
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    (layers,) = (c["layers"] for c in contracts if c["type"] == "layers")
    rooms = [name.strip().removeprefix("daemon.") for layer in layers for name in layer.split("|")]
    rooms.remove("config_words")
    for readme in ("README.md", "README.zh-CN.md"):
        drawn = re.search(r"^cli → .*\n.*$", text_of(readme), re.M)
        assert drawn
        assert re.findall(r"\w+", drawn.group()) == rooms


def test_the_changelog_has_this_version() -> None:
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    assert f"## {version} " in text_of("CHANGELOG.md")


def test_decisions_are_short_and_numbered() -> None:
    files = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    assert not [f.name for f in files if len(f.read_text(encoding="utf-8").splitlines()) > 25]


# ---------------------------------------------------------------------------------------------------------------
# What the administrator is told to run


SCHOOL = re.compile(r"```toml\n(\[school\].*?)```", re.S)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder made with the handbook's own school.toml."""
    found = SCHOOL.search(ADMINISTRATOR)
    assert found
    (tmp_path / "school.toml").write_text(found.group(1), encoding="utf-8")
    main_quietly("init", str(tmp_path / "live"), "--school", str(tmp_path / "school.toml"))
    return tmp_path / "live"


def main_quietly(*arguments: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert not ended.value.code


def lines(command: str) -> list[list[str]]:
    """The lines of the handbook that call this command, `d` being `duban` in the live folder."""
    said = [line.split("#")[0].split() for line in re.findall(r"^d (.*)$", ADMINISTRATOR, re.M)]
    return [words for words in said if words[0] == command]


def test_an_account_is_made_as_the_handbook_says(folder: Path) -> None:
    (add, _) = lines("accounts")
    main_quietly("-C", str(folder), *add)
    store = Store.open(f"sqlite:///{folder / 'duban.db'}", folder / "blobs")
    with store.reading() as tx:
        account = accounts.find(tx, add[2])
    store.close()
    assert account is not None
    assert account.role == "director"
    (file,) = folder.glob("password-*.txt")
    assert file.name.replace(add[2], "账号") in ADMINISTRATOR


def test_a_backup_is_restored_as_the_handbook_says(folder: Path, tmp_path: Path) -> None:
    ((_, copy),) = lines("backup")
    ((_, source, home),) = lines("restore")
    assert copy == source

    def here(path: str) -> str:
        return path.replace("/var/lib/duban", str(tmp_path))

    main_quietly("-C", str(folder), "backup", here(copy))
    folder.rename(tmp_path / "live-broken")
    main_quietly("restore", here(source), here(home))
    main_quietly("-C", str(folder), "verify")


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    unit = text_of("systemd/duban.service")
    assert "Type=notify" in unit
    copy = tmp_path / "duban.service"
    copy.write_text(unit.replace("/opt/duban/.venv/bin/duban", sys.executable), encoding="utf-8")
    done = subprocess.run([program, "verify", "--man=no", copy], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Unknown" not in done.stderr
