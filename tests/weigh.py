"""Makes daemon/reading/weights.tsv: what each sign of a letter weighs for each kind, learnt from labelled words.

`make weights` learns from all. `python -m tests.weigh --try third` learns from all but the corpus of that name and
tells how it would be read: a figure for unseen words, and nothing is written.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unittest import mock

from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import Normalizer

from daemon.attachments.openers import Openers
from daemon.procedure.workdays import load_calendar
from daemon.reading import classify as classifying
from daemon.reading import roles
from daemon.reading.acts import Context
from daemon.reading.decode import decode
from daemon.reading.read import read
from daemon.reading.weighing import UNIT, Weights
from tests.accuracy import Corpus, arrival, corpora, samples
from tests.sets.known import load_known

HERE = Path(__file__).parent
WEIGHTS = HERE.parent / "daemon" / "reading" / "weights.tsv"
KINDS = ("receipt", "progress", "closure", "extension", "question", "not_ours", "irrelevant")
#: Corpora on which the rules were built find all of them right: there the rules' word must not be learnt from.
KNOWN_TO_RULES = frozenset({"samples", "second", "rules"})
#: A sign that stands in fewer labelled texts says nothing.
LEAST = 3
#: How closely the labels are followed (the inverse of the regularisation).
CLOSELY = 100.0


@dataclass(frozen=True)
class Labelled:
    """Words with their meaning, and what stands around them."""

    corpus: str
    text: str
    context: Context
    kind: str


def sayings() -> Iterator[Labelled]:
    """tests/sayings/*.tsv: kind, files, new deadline, registered, title, words; of 2026-11-10, due on 2026-11-20."""
    calendar = load_calendar("")
    for file in sorted((HERE / "sayings").glob("*.tsv")):
        for line in file.read_text(encoding="utf-8").splitlines():
            kind, files, _, _, title, words = line.split("\t")
            around = Context(
                deadline=date(2026, 11, 20), base=date(2026, 11, 10), calendar=calendar, title=title, **_files(files)
            )
            yield Labelled(file.stem, words.replace("\\n", "\n"), around, kind)


def _files(told: str) -> dict[str, bool]:
    """What files of these names are taken for."""
    names = [] if told == "-" else told.split(";")
    forms = [name for name in names if roles.names_the_form(name)]
    reports = [name for name in names if name not in forms and roles.names_a_report(name)]
    kinds = {roles.report_kind(name) for name in reports}
    return {
        "report_file": "closure" in kinds,
        "progress_file": "progress" in kinds,
        "extension_file": "extension" in kinds,
        "form_file": bool(forms),
        "other_file": len(names) > len(forms) + len(reports),
    }


def rule_sayings() -> Iterator[Labelled]:
    """The sentences of the rules' own test."""
    calendar = load_calendar("")
    for line in (HERE / "unit" / "reading" / "sayings.tsv").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        kind, files, words = line.split("\t")[:3]
        around = Context(
            deadline=date(2026, 12, 15),
            base=date(2026, 11, 24),
            calendar=calendar,
            title="学生公寓热水系统改造",
            report_file="r" in files and kind != "extension" and "进展" not in words,
            progress_file="r" in files and "进展" in words,
            extension_file="r" in files and kind == "extension",
            form_file="f" in files,
            other_file="e" in files,
        )
        yield Labelled("rules", words, around, kind)


async def mails(corpus: Corpus) -> list[Labelled]:
    """The words of whole mails as the reader comes to them, where a mail says one thing."""
    known = load_known(corpus.world)
    meant = {each["file"]: {reading["kind"] for reading in each["readings"]} for each in corpus.wanted}
    openers, out = Openers(workers=1), []
    try:
        for name, raw in corpus.mails():
            letter = decode(raw, arrival(raw))
            opened = await openers.open_parts(letter.parts) if letter.parts else ()
            with mock.patch.object(classifying, "classify", wraps=classifying.classify) as asked:
                read(letter, opened, known)
            if asked.call_count == 1 and len(meant[name]) == 1:
                text, context = asked.call_args.args
                out.append(Labelled(corpus.name, text, context, next(iter(meant[name]))))
    finally:
        await openers.close()
    return out


def labelled() -> list[Labelled]:
    """All that there is to learn from."""
    out = [*sayings(), *rule_sayings()]
    for corpus in corpora():
        out += asyncio.run(mails(corpus))
    return [one for one in out if one.kind in KINDS]


def learn(texts: Sequence[Labelled]) -> Weights:
    """Multinomial logistic regression over the signs, each text of length one; the same texts give the same weights."""
    found: list[tuple[set[str], str]] = []
    for one in texts:
        signs = classifying.for_weighing(one.text, one.context, ask_rules=one.corpus not in KNOWN_TO_RULES)
        if signs is not None:
            found.append((signs, one.kind))
    often = Counter(sign for signs, _ in found for sign in signs)
    table = DictVectorizer()
    rows = table.fit_transform([{sign: 1 for sign in signs if often[sign] >= LEAST} for signs, _ in found])
    model = LogisticRegression(C=CLOSELY, max_iter=5000).fit(Normalizer().fit_transform(rows), [k for _, k in found])
    return Weights(
        tuple(model.classes_),
        tuple(round(each * UNIT) for each in model.intercept_),
        {
            sign: tuple(round(each * UNIT) for each in model.coef_[:, column])
            for sign, column in sorted(table.vocabulary_.items())
        },
    )


def write(made: Weights, file: Path) -> None:
    rows = [["", *made.kinds], ["", *map(str, made.bias)], *([sign, *map(str, made.of[sign])] for sign in made.of)]
    text = "# Made by `make weights` from tests/sayings and the sets of mails: no line of it is written by hand.\n"
    file.write_text(text + "".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")


def tried(held: Sequence[Labelled], made: Weights) -> str:
    """How words that were not learnt from are read: the share of right kinds, and how sure it was of them."""
    with mock.patch.object(classifying, "weights", return_value=made):
        said = [classifying.classify(one.text, one.context) for one in held]
    right = [got.kind == one.kind for got, one in zip(said, held, strict=True)]
    quiet = [ok for got, ok in zip(said, right, strict=True) if not got.doubts]
    wrong = [
        f"{one.kind} read as {got.kind}{' (doubted)' if got.doubts else ''}: {one.text[:100]!r}"
        for one, got, ok in zip(held, said, right, strict=True)
        if not ok
    ]
    head = f"{len(held)} texts, {sum(right) / len(held):.1%} right; without a doubt {len(quiet)}"
    return "\n".join([*wrong, f"{head}, {sum(quiet) / (len(quiet) or 1):.1%} right"])


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.weigh", description=__doc__)
    parser.add_argument("--try", dest="held", metavar="CORPUS", help="leave it out, tell how it is read, write nothing")
    parser.add_argument(
        "--without", action="append", default=[], metavar="CORPUS", help="leave it out of what is learnt"
    )
    parser.add_argument(
        "--also", type=Path, action="append", default=[], help="another folder of samples to learn from"
    )
    args = parser.parse_args()
    texts = labelled()
    for folder in args.also:
        more = samples(folder)
        texts += [one for one in asyncio.run(mails(more)) if one.kind in KINDS]
    if args.held:
        made = learn([one for one in texts if one.corpus != args.held])
        print(tried([one for one in texts if one.corpus == args.held], made))
        return 0
    made = learn([one for one in texts if one.corpus not in args.without])
    write(made, WEIGHTS)
    print(f"{len(made.of)} signs from {len(texts)} texts: {WEIGHTS.name}, {WEIGHTS.stat().st_size >> 10} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
