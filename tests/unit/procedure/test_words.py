"""Every code that the law can give has Chinese words; docs/procedure.md is what STEPS prints; quotes are true."""

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

from daemon.procedure import shapes, steps, words
from daemon.procedure.rules import default_text, load_policy

ROOT = Path(__file__).parents[3]
LAW = sorted((ROOT / "daemon" / "procedure").glob("*.py"))


def codes_refused() -> set[str]:
    found = set()
    for file in LAW:
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r'refuse\(\s*"([a-z_]+)"', text))
        found |= set(re.findall(r'\(c\.\w+, "([a-z_]+)"\)', text))
        found |= set(re.findall(r'"((?:grant_needs|needs|wrong)_[a-z]+)"', text))
    for file in (ROOT / "daemon").rglob("*.py"):  # the door has one Refusal of its own
        found |= set(re.findall(r'Refusal\(\s*"([a-z_]+)"', file.read_text(encoding="utf-8")))
    return found | {f"phase_{phase}" for phase in get_args(shapes.Phase)}


def test_every_refusal_has_words_and_a_way_out_and_none_is_left_over() -> None:
    refusals = words.tables()["refusals"]
    assert codes_refused() == set(refusals)
    for code, one in refusals.items():
        assert set(one) == {"words", "way_out"}, code
        assert one["words"].endswith("。"), code
        assert one["way_out"].endswith("。"), code
        assert words.way_out(code) == one["way_out"]


def test_no_code_stands_in_two_sections() -> None:
    tables = words.tables()
    seen: set[str] = set()
    for section in words.SAYABLE:
        assert not seen & set(tables[section])
        seen |= set(tables[section])


def test_every_code_said_has_words() -> None:
    said = {code for file in LAW for code in re.findall(r'say\(\s*"([a-z_]+)"', file.read_text(encoding="utf-8"))}
    said |= {code for file in LAW for code in re.findall(r'return "(hold_[a-z_]+)"', file.read_text(encoding="utf-8"))}
    for code in said:
        names = dict.fromkeys((name for _, name, _, _ in Formatter().parse(_plain(code)) if name), 1)
        assert words.say(code, **names)
    assert len(said) > 20


def test_every_doubt_has_words() -> None:
    """Codes that reading and its loop give; the words stand here, so that queue, log and command say the same."""
    told = r'(?:doubts|out)\.append\(\s*"([a-z_]+)"|\[\*doubts, "([a-z_]+)"\]|"waiting", \("([a-z_]+)",\)'
    files = [*(ROOT / "daemon" / "reading").glob("*.py"), ROOT / "daemon" / "loops" / "read.py"]
    found = {
        next(code for code in match.groups() if code)
        for file in files
        for match in re.finditer(told, file.read_text(encoding="utf-8"))
        if "doubt" in file.read_text(encoding="utf-8") or file.name == "read.py"
    }
    assert found
    assert found <= set(words.tables()["doubts"])


def _plain(code: str) -> str:
    return next(str(words.tables()[section][code]) for section in words.SAYABLE if code in words.tables()[section])


def test_a_code_without_words_is_an_error() -> None:
    with pytest.raises(KeyError):
        words.say("no_such_code")


@pytest.mark.parametrize("section", ["phases", "kinds", "stages", "roles", "mails", "actors"])
def test_names(section: str) -> None:
    wanted = {
        "phases": set(get_args(shapes.Phase)),
        "kinds": {step.kind for step in steps.STEPS} | set(steps.SCHOOL_KINDS.values()),
        "stages": {stage.id for stage in load_policy(default_text()).reminders.stages},
        "roles": set(get_args(shapes.Role)) | {"lead", "supporting"},
        "mails": {"dispatch", "received", "return", "extension_decided", "closed", "reminder"},
        "actors": set(get_args(steps.Who)),
    }[section]
    assert wanted <= set(words.tables()[section])


def test_every_command_has_its_step() -> None:
    assert set(steps.BY_COMMAND) == set(get_args(shapes.Command))
    assert set(steps.SCHOOL_KINDS) == set(get_args(shapes.SchoolCommand))
    kinds = [step.kind for step in steps.STEPS]
    assert len(set(kinds)) == len(kinds)


def test_the_document_is_what_the_table_prints() -> None:
    assert (ROOT / "docs" / "procedure.md").read_text(encoding="utf-8") == steps.document()


@pytest.mark.shared
def test_every_quote_stands_in_the_regulation() -> None:
    source = ROOT.parent / "shared" / "regulation.txt"
    if not source.exists():
        pytest.skip("no folder shared/ beside the project")
    regulation = re.sub(r"\s", "", source.read_text(encoding="utf-8"))
    quotes = [
        (file.name, part)
        for file in LAW
        for quote in re.findall("「([^」]+)」", file.read_text(encoding="utf-8"))
        for part in quote.split("……")
        if file.name != "refno.py"
    ]
    assert len(quotes) > 15
    missing = [(name, part) for name, part in quotes if re.sub(r"\s", "", part) not in regulation]
    assert missing == []
