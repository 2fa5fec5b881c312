"""Frozen dataclasses as canonical JSON text and back, by their type hints.

Canonical: sorted keys, no blanks, no ASCII escaping. One of several classes is written as `{"kind": …, "value": …}`.
A missing field takes its default (older data); an unknown field or kind is refused (data of a newer program).
"""

from __future__ import annotations

import base64
import json
import re
import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from daemon.procedure.shapes import Because, Command, Entry, SchoolCommand

T = TypeVar("T")
Write = Callable[[Any], Any]
Read = Callable[[Any], Any]

_SURROGATE = re.compile("[\ud800-\udfff]")
_PLAIN = (str, int, bool, float, types.NoneType)


class CodecError(ValueError):
    """The text is none of this class; `newer` where a later program wrote it."""

    def __init__(self, what: str, *, newer: bool = False) -> None:
        super().__init__(what)
        self.newer = newer


def dump(value: object, hint: Any = None) -> str:
    """Canonical JSON text of a dataclass, or of any value by its type hint."""
    target: Any = type(value) if hint is None else hint
    return text_of(_writer(target)(value))


def load(cls: type[T], text: str) -> T:
    """The dataclass from its text. Raises CodecError."""
    return cast(T, load_as(cls, text))


def load_as(hint: Any, text: str) -> Any:
    """A value of any type hint from its text. Raises CodecError."""
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise CodecError(f"no JSON: {error}") from error
    try:
        return _reader(hint)(raw)
    except CodecError:
        raise
    except (TypeError, ValueError, AttributeError) as error:
        raise CodecError(f"{hint}: {error}") from error


def text_of(plain: Any) -> str:
    """Canonical JSON text; a lone surrogate is escaped, as databases take UTF-8 only."""
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def dump_body(entry: Entry) -> str:
    """The part of an entry that is one JSON text; kind, time, actor and letter are columns."""
    body = {
        "command": _writer(Command | SchoolCommand)(entry.command),
        "facts": entry.facts,
        "note": entry.because.note,
    }
    return text_of(body)


def load_entry(body: str, *, kind: str, version: int, at: datetime, actor: str, letter: int | None, seq: int) -> Entry:
    """An entry from its row. Raises CodecError, `newer` for a version that this program does not know."""
    if version > Entry.VERSION:
        raise CodecError(f"entry {kind} of version {version}, known up to {Entry.VERSION}", newer=True)
    raw = json.loads(body)
    return Entry(
        kind=kind,
        command=_reader(Command | SchoolCommand)(raw["command"]),
        at=at,
        because=Because(actor, letter, raw["note"]),
        facts=raw["facts"],
        seq=seq,
    )


def tag(cls: type) -> str:
    """`ReceiveReport` → `receive_report`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _alternatives(hint: Any) -> tuple[list[type], bool] | None:
    """The dataclasses of a union and whether None is one too; None where the hint is no such union."""
    if get_origin(hint) not in (Union, types.UnionType):
        return None
    args = get_args(hint)
    classes = [a for a in args if is_dataclass(a)]
    if len(classes) < 2:
        return None
    return cast("list[type]", classes), types.NoneType in args


# ---------------------------------------------------------------------------------------------------------------
# Out


@cache
def _writer(hint: Any) -> Write:
    if is_dataclass(hint):
        return _class_writer(cast(type, hint))
    if hint is datetime:
        return _write_moment
    if hint is date:
        return date.isoformat
    if hint is bytes:
        return lambda value: base64.b64encode(value).decode()
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _union_writer(hint)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        one = _writer(args[0])
        return lambda value: [one(v) for v in value]
    if origin is tuple:
        each = [_writer(a) for a in args]
        return lambda value: [w(v) for w, v in zip(each, value, strict=True)]
    if origin is frozenset:
        one = _writer(args[0])
        return lambda value: sorted(one(v) for v in value)
    if origin is dict:
        inner = _writer(args[1])
        return lambda value: {k: inner(v) for k, v in value.items()}
    if hint in _PLAIN or origin is Literal:
        return lambda value: value
    raise CodecError(f"no way to write {hint!r}")


def _class_writer(cls: type) -> Write:
    hints = _hints(cls)
    parts: list[tuple[str, Write]] = []

    def write(value: Any) -> Any:
        if type(value) is not cls:
            raise CodecError(f"{type(value).__name__} where {cls.__name__} belongs")
        if not parts:  # at first use, as a class may hold itself
            parts.extend((f.name, _writer(hints[f.name])) for f in fields(cls))
        return {name: inner(getattr(value, name)) for name, inner in parts}

    return write


def _union_writer(hint: Any) -> Write:
    several = _alternatives(hint)
    if several is not None:
        known = {cls: (tag(cls), _writer(cls)) for cls in several[0]}

        def write(value: Any) -> Any:
            if value is None and several[1]:
                return None
            found = known.get(type(value))
            if found is None:
                raise CodecError(f"{type(value).__name__} is none of the classes that belong here")
            return {"kind": found[0], "value": found[1](value)}

        return write
    rest = [a for a in get_args(hint) if a is not types.NoneType]
    if all(a in _PLAIN for a in rest):
        return lambda value: value
    if len(rest) != 1:
        raise CodecError(f"no way to write {hint!r}")
    one = _writer(rest[0])
    return lambda value: None if value is None else one(value)


def _write_moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise CodecError("a naive datetime has no place in the store")
    return value.astimezone(UTC).isoformat()


# ---------------------------------------------------------------------------------------------------------------
# In


@cache
def _reader(hint: Any) -> Read:
    if is_dataclass(hint):
        return _class_reader(cast(type, hint))
    if hint is datetime:
        return _read_moment
    if hint is date:
        return date.fromisoformat
    if hint is bytes:
        return lambda value: base64.b64decode(value, validate=True)
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _union_reader(hint)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        one = _reader(args[0])
        return lambda value: tuple([one(v) for v in value])
    if origin is tuple:
        each = [_reader(a) for a in args]
        return lambda value: tuple([r(v) for r, v in zip(each, value, strict=True)])
    if origin is frozenset:
        one = _reader(args[0])
        return lambda value: frozenset(one(v) for v in value)
    if origin is dict:
        inner = _reader(args[1])
        return lambda value: {k: inner(v) for k, v in value.items()}
    if origin is Literal:
        return _literal_reader(hint, frozenset(args))
    if hint in _PLAIN:
        return _plain_reader((hint,))
    raise CodecError(f"no way to read {hint!r}")


def _class_reader(cls: type) -> Read:
    hints = _hints(cls)
    parts: dict[str, Read] = {}
    needed = {f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING}

    def read(raw: Any) -> Any:
        if not parts:
            parts.update((f.name, _reader(hints[f.name])) for f in fields(cls))
        try:
            values = {name: parts[name](value) for name, value in raw.items()}
        except KeyError as error:
            raise CodecError(f"{cls.__name__} has no field {error.args[0]!r}", newer=True) from error
        if not needed <= values.keys():
            raise CodecError(f"{cls.__name__} lacks {', '.join(sorted(needed - values.keys()))}")
        return cls(**values)

    return read


def _union_reader(hint: Any) -> Read:
    several = _alternatives(hint)
    if several is not None:
        known = {tag(cls): _reader(cls) for cls in several[0]}

        def read(raw: Any) -> Any:
            if raw is None and several[1]:
                return None
            inner = known.get(raw["kind"])
            if inner is None:
                raise CodecError(f"unknown kind {raw['kind']!r}", newer=True)
            return inner(raw["value"])

        return read
    rest = [a for a in get_args(hint) if a is not types.NoneType]
    if all(a in _PLAIN for a in rest):
        return _plain_reader(get_args(hint))
    one = _reader(rest[0])
    return lambda value: None if value is None else one(value)


def _plain_reader(kinds: tuple[Any, ...]) -> Read:
    allowed = frozenset(kinds)

    def read(raw: Any) -> Any:
        if type(raw) not in allowed:
            raise CodecError(f"{type(raw).__name__} where {', '.join(sorted(k.__name__ for k in allowed))} belongs")
        return raw

    return read


def _literal_reader(hint: Any, allowed: frozenset[Any]) -> Read:
    def read(raw: Any) -> Any:
        if raw not in allowed:
            raise CodecError(f"{raw!r} is not one of {hint}", newer=True)
        return raw

    return read


def _read_moment(raw: Any) -> datetime:
    value = datetime.fromisoformat(raw)
    if value.tzinfo is None:
        raise CodecError("a naive datetime has no place in the store")
    return value.astimezone(UTC)
