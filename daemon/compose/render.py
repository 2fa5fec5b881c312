"""Templates to subject, text and HTML: sandboxed, strict about what is undefined, HTML escaped.

A school may keep its own wording in an override folder (`<folder>/<template>/body.txt` and so on). Every override is
tried with the sample when the Renderer is made; a bad one is refused with a Chinese message, and ours is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import BaseLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment

import mailtemplates
from daemon.compose.context import CONTEXTS, Letter
from daemon.compose.plain import single_line
from daemon.compose.samples import sample
from daemon.procedure.workdays import SHANGHAI

OURS = Path(mailtemplates.__file__).parent
PARTS = ("subject.txt", "body.txt", "body.html")
_WEEKDAYS = "一二三四五六日"
_LARGEST = 200_000


class Broken(Exception):
    """A mail cannot be composed. The text is Chinese and says what to do; the outbox row shows it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """One mail's words. `subject` is one line without marks of a rehearsal."""

    subject: str
    text: str
    html: str


class Renderer:
    """All templates, ours and the school's. `refused`: one Chinese line for each override that is not used."""

    def __init__(self, overrides: Path | None = None) -> None:
        self._overrides = overrides if overrides is not None and overrides.is_dir() else None
        self._refused: set[str] = set()
        self._make()
        self.refused: tuple[str, ...] = tuple(self._try_overrides())

    def render(self, template: str, letter: Letter) -> Rendered:
        """The words of `template` for `letter`. Broken where the template does not exist, fails or is absurdly long."""
        wanted = CONTEXTS.get(template)
        if wanted is None:
            raise Broken(f"没有名为“{template}”的邮件模板。")
        if not isinstance(letter, wanted):
            raise TypeError(f"template {template} takes {wanted.__name__}, not {type(letter).__name__}")
        values = {one.name: getattr(letter, one.name) for one in fields(letter)}
        subject, text, html = (self._part(f"{template}/{part}", values) for part in PARTS)
        return Rendered(single_line(subject), _tidy(text), html.strip() + "\n")

    def _part(self, name: str, values: dict[str, object]) -> str:
        try:
            words = self._environment.get_template(name).render(values)
        except TemplateNotFound as error:
            raise Broken(f"邮件模板缺少文件“{error.name}”。") from error
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            raise Broken(f"邮件模板“{name}”{f'第{line}行' if line else ''}有误：{error.message}") from error
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise Broken(f"邮件模板“{name}”有误：{error}") from error
        if not words.strip():
            raise Broken(f"邮件模板“{name}”没有内容。")
        if len(words) > _LARGEST:
            raise Broken(f"邮件模板“{name}”生成的内容超过{_LARGEST}字。")
        return words

    def _make(self) -> None:
        loader = _Loader(self._overrides, frozenset(self._refused))
        self._environment = ImmutableSandboxedEnvironment(
            loader=loader,
            undefined=StrictUndefined,
            autoescape=lambda name: name is not None and name.endswith(".html"),
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            auto_reload=False,
        )
        for name, words in _FILTERS.items():
            self._environment.filters[name] = words

    def _try_overrides(self) -> list[str]:
        if self._overrides is None:
            return []
        said = []
        for file in sorted(path for path in self._overrides.rglob("*") if path.is_file()):
            name = file.relative_to(self._overrides).as_posix()
            template, _, part = name.rpartition("/")
            if template not in CONTEXTS or part not in PARTS:
                said.append(f"自定义模板“{name}”不是已有的模板文件，未采用。")
                continue
            try:
                self.render(template, sample(template))
            except Broken as error:
                self._refused.add(name)
                said.append(f"自定义模板“{name}”未采用，仍用系统自带模板。{error}")
                self._make()
        return said


class _Loader(BaseLoader):
    """The override folder first, then ours."""

    def __init__(self, overrides: Path | None, refused: frozenset[str]) -> None:
        self._overrides = overrides
        self._refused = refused

    def get_source(self, environment: object, template: str) -> tuple[str, str, Callable[[], bool]]:
        if ".." in template.split("/") or template.startswith("/"):
            raise TemplateNotFound(template)
        folders = [OURS]
        if self._overrides is not None and template not in self._refused:
            folders.insert(0, self._overrides)
        for folder in folders:
            file = folder / template
            if file.is_file():
                try:
                    return file.read_text("utf-8"), str(file), lambda: True
                except UnicodeDecodeError as error:
                    raise TemplateError(f"文件不是UTF-8编码（{error.reason}）") from error
        raise TemplateNotFound(template)


@lru_cache(maxsize=4)
def renderer(overrides: str = "") -> Renderer:
    """The Renderer of this process for an override folder ('' for none)."""
    return Renderer(Path(overrides) if overrides else None)


def long_day(day: date) -> str:
    """2026年11月24日（周二）."""
    return f"{plain_day(day)}（周{_WEEKDAYS[day.weekday()]}）"


def plain_day(day: date) -> str:
    """2026年11月24日."""
    return f"{day.year}年{day.month}月{day.day}日"


def short_day(day: date) -> str:
    """11月24日."""
    return f"{day.month}月{day.day}日"


def clock(moment: datetime) -> str:
    """14:30, in the school's time."""
    return moment.astimezone(SHANGHAI).strftime("%H:%M")


_FILTERS: dict[str, Callable[..., str]] = {
    "long_day": long_day,
    "plain_day": plain_day,
    "short_day": short_day,
    "clock": clock,
    "line": single_line,
}


def _tidy(text: str) -> str:
    """No more than one empty line in a row, no white space at the ends of lines; 　　 at a line's start stays."""
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n") + "\n"
