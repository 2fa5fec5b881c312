"""Properties over random histories: whatever is tried in whatever order, the promises hold."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.procedure import matter as law
from daemon.procedure import reminders, words
from daemon.procedure.correspondence import follow, merge
from daemon.procedure.lamps import lamp
from daemon.procedure.shapes import (
    Acknowledge,
    AskExtension,
    Because,
    Close,
    Dispatch,
    Entry,
    GrantExtension,
    HoldReminder,
    Instruct,
    Matter,
    NoteLetter,
    ReceiveReport,
    RecordMail,
    RefNo,
    Refusal,
    RefuseExtension,
    ReleaseReminder,
    ReportProgress,
    Resume,
    ReturnReport,
    StageKey,
    Suspend,
    Undo,
    VoidMatter,
    WithdrawReminder,
)
from daemon.procedure.workdays import day_of

ACTS = [
    "draft",
    "instruct",
    "dispatch",
    "acknowledge",
    "progress",
    "report",
    "report",
    "ask",
    "grant",
    "refuse",
    "return",
    "close",
    "suspend",
    "resume",
    "void",
    "note",
    "clock",
    "clock",
    "clock",
    "clock",
    "hold",
    "release",
    "withdraw",
    "deliver",
    "undo",
]
acts = st.lists(
    st.tuples(st.sampled_from(ACTS), st.integers(0, 90), st.sampled_from(["HQ", "XG", "BW"]), st.integers(0, 25)),
    max_size=40,
)


class Life:
    """One matter lived through: `entries` as accepted, `now` running on by whole and half hours."""

    def __init__(self, rules: Any, made: Any) -> None:
        self.rules = rules
        self.made = made
        self.now = made.moment("2026-11-24 08:30")
        self.entries: list[Entry] = []
        self.matter: Matter | None = None
        self.refusals: list[Refusal] = []

    def command(self, act: str, unit: str, n: int) -> Any:
        on = day_of(self.now)
        later = on + timedelta(days=n)
        keys = [one.key for a in (self.matter.assignments if self.matter else ()) for one in a.reminded]
        key = keys[n % len(keys)] if keys else StageKey(unit, "over1", on)
        seq = len(self.entries)
        return {
            "draft": lambda: self.made.draft(later.isoformat(), leader_opinion="同意" if n % 2 else ""),
            "instruct": lambda: Instruct("m1", "同意", "L2", RefNo(2026, 12)),
            "dispatch": lambda: Dispatch("m1", now=n % 2 == 0, tokens=("a", "b")),
            "acknowledge": lambda: Acknowledge("m1", unit, "liaison"),
            "progress": lambda: ReportProgress("m1", unit, "进展", on),
            "report": lambda: ReceiveReport("m1", unit, "完成", on),
            "ask": lambda: AskExtension("m1", unit, "难", later if n else None, on),
            "grant": lambda: GrantExtension("m1", later, on, ["director", "L1", "L2", "L3", "L9"][n % 5]),
            "refuse": lambda: RefuseExtension("m1", on, "L1", "理由不足"),
            "return": lambda: ReturnReport("m1", unit, ("格式",), n % 2 == 0, on, n % 12 if n % 3 else None),
            "close": lambda: Close("m1", on),
            "suspend": lambda: Suspend("m1", "暂缓"),
            "resume": lambda: Resume("m1"),
            "void": lambda: VoidMatter("m1", "重复"),
            "note": lambda: NoteLetter("m1", unit, "question", "?"),
            "hold": lambda: HoldReminder("m1", key, later, "缓", "director"),
            "release": lambda: ReleaseReminder("m1", key, "director"),
            "withdraw": lambda: WithdrawReminder("m1", key, "已答"),
            "deliver": lambda: RecordMail("m1", n, "urge_1", "delivered", ("a@x",), keys=(key,)),
            "undo": lambda: Undo("m1", seq),
        }[act]()

    def act(self, act: str, half_hours: int, unit: str, n: int) -> None:
        self.now += timedelta(minutes=30 * half_hours + 1) if act != "undo" else timedelta(minutes=1)
        if act == "clock":
            for one in reminders.due(self.matter, self.rules, self.now) if self.matter else []:
                self.register(one.command("m1"), "clock", None)
            return
        mailed = act in ("acknowledge", "progress", "report", "ask", "note") and n % 4
        self.register(self.command(act, unit, n), "letter" if mailed else "officer:li", n if mailed else None)

    def register(self, command: Any, actor: str, letter: int | None) -> None:
        answer = law.decide(self.matter, command, self.now, self.rules, Because(actor, letter))
        if isinstance(answer, Refusal):
            self.refusals.append(answer)
            return
        new = [replace(entry, seq=len(self.entries) + n) for n, entry in enumerate(answer, 1)]
        self.entries += new
        for entry in new:
            self.matter = law.fold(self.entries) if isinstance(command, Undo) else law.evolve(self.matter, entry)
        self.check(new, command)

    def check(self, new: list[Entry], command: Any) -> None:
        matter = self.matter
        if matter is None:
            return
        assert law.fold(self.entries) == matter, "folding and evolving agree"
        keys = [one.key for a in matter.assignments for one in a.reminded]
        assert len(set(keys)) == len(keys), "no two live keys"
        if matter.phase in ("closed", "void"):
            assert reminders.due(matter, self.rules, self.now) == []
            assert reminders.preview(matter, self.rules, self.now) == []
        if matter.phase == "closed":
            assert not any(a.report_waiting or a.extension_waiting for a in matter.assignments)
            assert matter.report_accepted_on is not None
        if matter.phase == "running":
            assert matter.deadline is not None
            assert matter.deadline_since is not None
            assert matter.ref is not None
        if type(command) is Close and new:
            assert new[0].because.actor.startswith("officer:")
        assert lamp(matter, self.rules, day_of(self.now)).word
        for mail in merge(follow(matter, new, self.rules)):
            assert mail.to
            assert mail.not_before >= self.now.replace(hour=0, minute=0)


@settings(max_examples=300, deadline=None)
@given(acts)
def test_whatever_happens(rules: Any, made: Any, acts: list[tuple[str, int, str, int]]) -> None:
    life = Life(rules, made)
    for act in [("draft", 0, "HQ", 15), ("instruct", 0, "HQ", 0), ("dispatch", 1, "HQ", 0), *acts]:
        life.act(*act)
    for refusal in life.refusals:
        assert words.say(refusal.code, **refusal.facts)
        assert words.way_out(refusal.code)
        assert refusal.article


@settings(max_examples=100, deadline=None)
@given(acts)
def test_no_state_is_without_a_way_on(rules: Any, made: Any, acts: list[tuple[str, int, str, int]]) -> None:
    """From wherever a running matter got to, a report and a closure still end it."""
    life = Life(rules, made)
    for act in [("draft", 0, "HQ", 15), ("dispatch", 1, "HQ", 0), *acts]:
        life.act(*act)
    matter = life.matter
    if matter is None or matter.phase != "running":
        return
    life.register(Resume("m1"), "officer:li", None)
    life.register(ReceiveReport("m1", "HQ", "完成", day_of(life.now)), "letter", 9999)
    life.register(Close("m1", day_of(life.now)), "officer:li", None)
    assert life.matter is not None
    assert life.matter.phase == "closed"


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 60),
    st.lists(st.integers(1, 200), min_size=1, max_size=60),
    st.booleans(),
)
def test_downtime_neither_repeats_nor_volleys(rules: Any, made: Any, term: int, naps: list[int], signed: bool) -> None:
    """A clock that looks at any hours at all: each key once, one stage an addressee a day, each after its moment."""
    desk = made.desk(rules)
    deadline = rules.calendar.add(made.day("2026-11-24"), term)
    desk.dispatched(deadline=deadline.isoformat())
    if signed:
        desk.acknowledged()
    now = made.moment("2026-11-24 12:00")
    seen: set[StageKey] = set()
    for nap in naps:
        now += timedelta(hours=nap)
        due = reminders.due(desk.matter, rules, now)
        addressees = [(one.unit, reminders.addressee(one.stage)) for one in due]
        assert len(set(addressees)) == len(addressees)
        for one in due:
            assert one.key not in seen
            assert one.at <= now
            assert one.at <= one.leaves_at
            assert rules.calendar.in_office(one.leaves_at)
            seen.add(one.key)
            desk.must(now.strftime("%Y-%m-%d %H:%M"), one.command("m1"), "clock")
        assert reminders.due(desk.matter, rules, now) == []
