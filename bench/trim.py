"""The sender's own words cut out of a mail: ours beside four libraries, on every mail whose own words are known."""

from __future__ import annotations

import importlib.metadata
import re
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from daemon.reading.decode import decode
from daemon.reading.htmltext import lines_of
from daemon.reading.knowing import index
from daemon.reading.shapes import Letter
from daemon.reading.trim import trim
from tests.accuracy import arrival, corpora
from tests.sets.known import load_known

#: Folded characters more than the words themselves that a signature or a client's line may have.
SIGNATURE = 80


@dataclass(frozen=True)
class Case:
    name: str
    letter: Letter
    wanted: str
    ours: Callable[[Letter], str]


def measure() -> dict[str, Any]:
    """Shares and milliseconds of each tool; the mails where a library is right and we are not."""
    found = list(cases())
    tools: dict[str, Any] = {}
    right: dict[str, set[str]] = {}
    for name, cut in libraries().items():
        tools[name], right[name] = _measured(found, cut)
    ours = right["duban"]
    return {
        "mails": len(found),
        "tools": tools,
        "missing": [name for name in LIBRARIES if not any(each.startswith(name) for each in tools)],
        "theirs_alone": {name: sorted(each - ours) for name, each in right.items() if each - ours},
    }


def cases() -> Iterator[Case]:
    """Mails of the samples and sets with words of their own: robots have none."""
    for corpus in corpora():
        known = index(load_known(corpus.world))
        wanted = {each["file"]: each["body"] for each in corpus.wanted}
        for name, raw in corpus.mails():
            if wanted[name]:
                letter = decode(raw, arrival(raw))
                yield Case(f"{corpus.name}/{name}", letter, fold(wanted[name]), lambda one, k=known: trim(one, k).body)


def fold(text: str) -> str:
    """Without what no reader sees: width, compatibility forms, white space."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def _measured(found: list[Case], cut: Callable[[Case], str]) -> tuple[dict[str, Any], set[str]]:
    right, unquoted, raised, spent = set(), 0, 0, 0.0
    for case in found:
        begun = time.process_time()
        try:
            got = fold(cut(case))
        except Exception:  # noqa: BLE001 - a library that raises on a mail has not read it
            raised += 1
            continue
        finally:
            spent += time.process_time() - begun
        if got == case.wanted:
            right.add(case.name)
        unquoted += case.wanted in got and len(got) <= len(case.wanted) + SIGNATURE
    count = max(1, len(found))
    told = {
        "exact": round(len(right) / count, 4),
        "but_signature": round(unquoted / count, 4),
        "raised": raised,
        "ms": round(spent / count * 1000, 2),
    }
    return told, right


def shown(letter: Letter) -> str:
    """What a library gets: the text part, or the lines of the page where there is none."""
    return letter.text if letter.text.strip() else "\n".join(line.text for line in lines_of(letter.html).lines)


# ---------------------------------------------------------------------------------------------------------------
# The libraries, each with its best foot forward


def _mail_parser_reply() -> dict[str, Callable[[Case], str]]:
    from mailparser_reply import EmailReplyParser

    parser = EmailReplyParser(languages=["zh", "en"])
    return {"mail-parser-reply": lambda case: parser.parse_reply(shown(case.letter)) or ""}


def _email_reply_parser() -> dict[str, Callable[[Case], str]]:
    from email_reply_parser import EmailReplyParser

    return {"email-reply-parser": lambda case: EmailReplyParser.parse_reply(shown(case.letter))}


def _quotequail() -> dict[str, Callable[[Case], str]]:
    import quotequail

    def text(case: Case) -> str:
        return "\n".join(piece for new, piece in quotequail.quote(shown(case.letter)) if new)

    def page(case: Case) -> str:
        if not case.letter.html.strip():
            return text(case)
        kept = "".join(piece for new, piece in quotequail.quote_html(case.letter.html) if new)
        return "\n".join(line.text for line in lines_of(kept).lines)

    return {"quotequail": text, "quotequail (HTML)": page}


def _talon() -> dict[str, Callable[[Case], str]]:
    """Its learnt signatures need a scikit-learn of 2018; the ones by rule are taken."""
    warnings.filterwarnings("ignore", module="html5lib")
    from talon import quotations
    from talon.signature.bruteforce import extract_signature

    def text(case: Case) -> str:
        return str(extract_signature(quotations.extract_from_plain(shown(case.letter)))[0])

    def page(case: Case) -> str:
        if not case.letter.html.strip():
            return text(case)
        kept = quotations.extract_from_html(case.letter.html)
        return str(extract_signature("\n".join(line.text for line in lines_of(kept).lines))[0])

    return {"talon": text, "talon (HTML)": page}


LIBRARIES = {
    "mail-parser-reply": _mail_parser_reply,
    "email-reply-parser": _email_reply_parser,
    "quotequail": _quotequail,
    "talon": _talon,
}


def libraries() -> dict[str, Callable[[Case], str]]:
    """Ours and those that are installed."""
    out: dict[str, Callable[[Case], str]] = {
        "duban": lambda case: case.ours(case.letter),
        "nothing cut": lambda case: shown(case.letter),
    }
    for name, load in LIBRARIES.items():
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        out |= load()
    return out
