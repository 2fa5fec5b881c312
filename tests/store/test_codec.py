"""The codec: what is written comes back, in one canonical form; what a newer program wrote is refused clearly."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Literal, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.procedure import shapes
from daemon.procedure.shapes import (
    Acknowledge,
    Because,
    Command,
    Entry,
    Mail,
    Matter,
    NoteLetter,
    SchoolCommand,
    SetUnit,
    Unit,
)
from daemon.reading.shapes import Reading
from store import codec

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 2), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
) | st.datetimes(
    min_value=datetime(1970, 1, 2),
    max_value=datetime(2200, 1, 1),
    timezones=st.just(timezone(timedelta(hours=8))),
)
st.register_type_strategy(datetime, MOMENTS)

COMMANDS = get_args(Command) + get_args(SchoolCommand)


@pytest.mark.parametrize("cls", COMMANDS, ids=lambda c: c.__name__)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_command_comes_back(cls: type, data: st.DataObject) -> None:
    command = data.draw(st.from_type(cls))
    text = codec.dump(command, Command | SchoolCommand)
    assert codec.load_as(Command | SchoolCommand, text) == command
    assert codec.dump(codec.load_as(Command | SchoolCommand, text), Command | SchoolCommand) == text
    text.encode()


@pytest.mark.parametrize("cls", [Matter, Mail, Reading, Unit], ids=lambda c: c.__name__)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_what_the_tables_hold_comes_back(cls: type[Any], data: st.DataObject) -> None:
    value = data.draw(st.from_type(cls))
    assert codec.load(cls, codec.dump(value)) == value


@settings(max_examples=100, deadline=None)
@given(st.builds(Entry, kind=st.text(max_size=40), at=MOMENTS))
def test_an_entry_comes_back(entry: Entry) -> None:
    again = codec.load_entry(
        codec.dump_body(entry),
        kind=entry.kind,
        version=Entry.VERSION,
        at=entry.at,
        actor=entry.because.actor,
        letter=entry.because.letter,
        seq=entry.seq,
    )
    assert again == entry


def test_every_class_of_the_shapes_can_be_written() -> None:
    for name, cls in vars(shapes).items():
        if isinstance(cls, type) and name in shapes.__all__ and hasattr(cls, "__dataclass_fields__"):
            codec._class_writer(cls)
            assert codec._reader(cls), name


def test_the_form_is_canonical() -> None:
    text = codec.dump(NoteLetter("m1", None, "question", "请问"), Command)
    assert text.startswith('{"kind":"note_letter","value":{"')
    assert "请问" in text
    assert text == json.dumps(json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    moment = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    assert codec.dump(moment, datetime) == '"2026-11-24T01:00:00+00:00"'


@dataclass(frozen=True)
class Old:
    name: str


@dataclass(frozen=True)
class New:
    name: str
    colour: Literal["red", "blue"] = "red"
    at: datetime | None = None
    pair: tuple[int, str] = (1, "a")
    days: frozenset[date] = frozenset()
    inner: tuple[tuple[Old, ...], ...] = ()
    raw: bytes = b""


def test_older_text_takes_the_defaults_and_newer_is_refused() -> None:
    assert codec.load(New, codec.dump(Old("x"))) == New("x")
    with pytest.raises(codec.CodecError, match="has no field") as caught:
        codec.load(Old, codec.dump(New("x")))
    assert caught.value.newer
    with pytest.raises(codec.CodecError, match="name"):
        codec.load(Old, "{}")


@given(st.from_type(New))
def test_nested_values_come_back(value: New) -> None:
    assert codec.load(New, codec.dump(value)) == value


@pytest.mark.parametrize(
    "text",
    ['{"name":1}', '{"name":"x","colour":"green"}', '{"name":"x","at":"2026-11-24T01:00:00"}', "[]", "x", '"x"'],
)
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(codec.CodecError):
        codec.load(New, text)


def test_unknown_kinds_and_versions_are_refused_as_newer() -> None:
    with pytest.raises(codec.CodecError) as caught:
        codec.load_as(Command, '{"kind":"telepathy","value":{}}')
    assert caught.value.newer
    body = codec.dump_body(Entry("set_unit", SetUnit(Unit("A", "a", "a")), datetime.now(UTC), Because("import")))
    with pytest.raises(codec.CodecError) as caught:
        codec.load_entry(body, kind="x", version=99, at=datetime.now(UTC), actor="", letter=None, seq=1)
    assert caught.value.newer


def test_a_naive_moment_and_a_stranger_are_refused() -> None:
    with pytest.raises(codec.CodecError):
        codec.dump(New("x", at=datetime(2026, 1, 1)))
    with pytest.raises(codec.CodecError):
        codec.dump(Old("x"), Command)
    with pytest.raises(codec.CodecError):
        codec.dump(Acknowledge("m", "u", "head"), Unit)


def test_a_lone_surrogate_survives_in_plain_utf_8() -> None:
    value = Old("a\ud800b\x00")
    text = codec.dump(value)
    text.encode()
    assert json.loads(text)["name"] == "a\ud800b\x00"
    assert codec.load(Old, text) == value
