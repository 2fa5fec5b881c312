"""The reminder policy and the other rules that a school may set, as checked data read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import time
from typing import Any, get_args

from daemon.procedure.checking import (
    BadRules,
    at_place,
    known_keys,
    read_hours,
    read_int,
    read_number,
    read_time,
    read_word,
    read_words,
)
from daemon.procedure.shapes import Role
from daemon.procedure.shipped import default_tables
from daemon.procedure.workdays import CALENDAR_TABLES, POLICY_TABLES, Hours

ROLES = get_args(Role)
FROM = ("dispatch", "half_time", "deadline")
WHEN = ("unacknowledged", "no_fresh_progress", "open")
RELEASES = ("automatic", "unless_held", "officer", "director")
MAY_HOLD = ("officer", "director")
MAILS = (
    "ack_reminder",
    "ack_urge",
    "phone_hint",
    "progress_check",
    "due_soon",
    "due_today",
    "urge_1",
    "urge_2",
    "intervention_letter",
    "leader_digest",
)
HOLDS = (
    "unreviewed_letter",
    "report_waiting",
    "extension_waiting",
    "suspended",
    "instruction_wait",
    "mailbox_stale",
)
NEEDS = ("reason", "state", "new_date", "head_consent")
GRANTERS = ("director", "instructing_leader", "president")
CASES = ("overdue_over_5wd", "closed_unsatisfied", "returned_twice_for_substance")
TERMS = ("document", "minutes", "instruction_urgent", "instruction", "instruction_hard")
SCORES = (
    "ack_late_over_3wd",
    "late_1_5wd",
    "late_6_10wd",
    "late_over_10wd",
    "open_at_year_end",
    "returned_for_substance",
    "untrue_report",
    "extension_second",
    "asked_after_deadline",
    "bulletin_criticised",
    "bulletin_praised",
)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of 催报. `source`: what its working days count from; `min_term` in working days."""

    id: str
    source: str
    wd: int
    to: Role
    mail: str
    when: str
    cc: tuple[Role, ...] = ()
    min_term: int = 0
    every_wd: int = 0
    every_if_term: int = 0
    not_before_deadline_wd: int = 0
    release: str = "automatic"
    may_hold: str = ""


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """[reminders]. Every count is in working days, every time of day in Asia/Shanghai."""

    hours: Hours
    unit_mail_at: time
    leader_digest_at: time
    announce_at: time
    announce_by: time
    hold_max_wd: int
    per_unit_per_day: int
    per_leader_per_day: int
    late_request_hold_wd: int
    return_term_wd: int
    progress_fresh_wd: int
    holds: tuple[str, ...]
    supporting_units: tuple[str, ...]
    after_return: tuple[str, ...]
    stages: tuple[Stage, ...]
    default_terms_days: dict[str, int]

    def stage(self, name: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.id == name), None)


@dataclass(frozen=True, slots=True)
class OutboxCeilings:
    per_hour: int
    per_address_per_day: int


@dataclass(frozen=True, slots=True)
class LampPolicy:
    near_wd: int
    near_share_of_term: float
    unacknowledged_wd: int
    check_unanswered_wd: int
    our_review_late_wd: int


@dataclass(frozen=True, slots=True)
class ExtensionPolicy:
    """[extension]: how often, how long, who grants."""

    ask_before_wd: int
    needs: tuple[str, ...]
    max_times: int
    max_each_wd: int
    max_total_wd: int
    director_may_grant_wd: int
    above: str
    beyond_maxima: str


@dataclass(frozen=True, slots=True)
class AccountabilityPolicy:
    """[accountability]: which cases of a calendar year count, and what the nth of them proposes (五(二))."""

    counts: tuple[str, ...]
    steps: dict[int, str]
    serious: str


@dataclass(frozen=True, slots=True)
class Policy:
    reminders: ReminderPolicy
    outbox: OutboxCeilings
    lamps: LampPolicy
    extension: ExtensionPolicy
    accountability: AccountabilityPolicy
    score: dict[str, float]


def load_policy(toml_text: str) -> Policy:
    """The policy of a TOML text; what it leaves out is as shipped. Raises BadRules, in Chinese, with the place."""
    try:
        tables = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as broken:
        raise BadRules(f"规则文件不是正确的 TOML：{broken}") from broken
    known_keys(tables, POLICY_TABLES | CALENDAR_TABLES, "规则")
    whole = {name: _over_defaults(tables, name) for name in POLICY_TABLES - {"units"}}
    return Policy(
        reminders=_reminders(whole["reminders"]),
        outbox=_ceilings(whole["outbox"]),
        lamps=_lamps(whole["lamps"]),
        extension=_extension(whole["extension"]),
        accountability=_accountability(whole["accountability"]),
        score={key: read_number(value, at_place("[score]", key), -100, 100) for key, value in whole["score"].items()},
    )


def _over_defaults(tables: dict[str, Any], name: str) -> dict[str, Any]:
    own = tables.get(name, {})
    if not isinstance(own, dict):
        raise BadRules(f"[{name}]：应为一张表。")
    shipped: dict[str, Any] = default_tables()[name]
    known_keys(own, shipped, f"[{name}]")
    return shipped | own


def _reminders(table: dict[str, Any]) -> ReminderPolicy:
    place = "[reminders]"
    if table["schema"] != 1:
        raise BadRules(f"{place} schema：本程序只认识 1。")
    stages = _stages(table["stages"])
    names = tuple(stage.id for stage in stages)
    terms = table["default_terms_days"]
    if not isinstance(terms, dict):
        raise BadRules("[reminders.default_terms_days]：应为一张表。")
    known_keys(terms, TERMS, "[reminders.default_terms_days]")
    terms = default_tables()["reminders"]["default_terms_days"] | terms

    def clock(key: str) -> time:
        return read_time(table[key], at_place(place, key))

    def count(key: str, least: int = 0) -> int:
        return read_int(table[key], at_place(place, key), least, 60)

    def named(key: str, words: tuple[str, ...]) -> tuple[str, ...]:
        return read_words(table[key], at_place(place, key), words)

    policy = ReminderPolicy(
        hours=read_hours(table["hours"], at_place(place, "hours")),
        unit_mail_at=clock("unit_mail_at"),
        leader_digest_at=clock("leader_digest_at"),
        announce_at=clock("announce_at"),
        announce_by=clock("announce_by"),
        hold_max_wd=count("hold_max_wd"),
        per_unit_per_day=read_int(table["per_unit_per_day"], at_place(place, "per_unit_per_day"), 1, 1),
        per_leader_per_day=read_int(table["per_leader_per_day"], at_place(place, "per_leader_per_day"), 1, 1),
        late_request_hold_wd=count("late_request_hold_wd"),
        return_term_wd=read_int(table["return_term_wd"], at_place(place, "return_term_wd"), 1, 10),
        progress_fresh_wd=count("progress_fresh_wd"),
        holds=named("holds", HOLDS),
        supporting_units=_shipped_or_known(table, "supporting_units", names),
        after_return=_shipped_or_known(table, "after_return", names),
        stages=stages,
        default_terms_days={
            key: read_int(value, at_place("[reminders.default_terms_days]", key), 1, 366)
            for key, value in terms.items()
        },
    )
    if not policy.announce_at < policy.announce_by < policy.leader_digest_at:
        raise BadRules(f"{place}：announce_at、announce_by、leader_digest_at 应依次在后。")
    for key in ("unit_mail_at", "leader_digest_at"):
        if not any(opens <= clock(key) < closes for opens, closes in policy.hours):
            raise BadRules(f"{at_place(place, key)}：应在 hours 所列的办公时段内。")
    return policy


def _shipped_or_known(table: dict[str, Any], key: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """A list of stage names; the shipped list stands for those of its stages that the school kept."""
    if table[key] is default_tables()["reminders"][key]:
        return tuple(word for word in table[key] if word in names)
    return read_words(table[key], at_place("[reminders]", key), names)


def _stages(value: object) -> tuple[Stage, ...]:
    if not isinstance(value, list) or not value:
        raise BadRules("[reminders] stages：应为催报阶段的列表。")
    stages = tuple(_stage(item, n) for n, item in enumerate(value, 1))
    names = [stage.id for stage in stages]
    for name in names:
        if names.count(name) > 1:
            raise BadRules(f"[reminders] stages：阶段 {name} 写了两次。")
    return stages


STAGE_KEYS = (
    "id",
    "from",
    "wd",
    "to",
    "cc",
    "mail",
    "when",
    "min_term",
    "every_wd",
    "every_if_term",
    "not_before_deadline_wd",
    "release",
    "may_hold",
)


def _stage(item: object, n: int) -> Stage:
    if not isinstance(item, dict):
        raise BadRules(f"[reminders] stages 第{n}项：应写成 {{ id = …, from = …, … }}。")
    name = item.get("id")
    if not isinstance(name, str) or not name.isascii() or not name.isidentifier() or len(name) > 20:
        raise BadRules(f"[reminders] stages 第{n}项 id：应为英文字母和数字组成的短名，如 over1。")
    place = f"[reminders] stages 阶段 {name}"
    known_keys(item, STAGE_KEYS, place)
    for key in ("from", "wd", "to", "mail", "when"):
        if key not in item:
            raise BadRules(f"{place}：缺少 {key}。")

    def count(key: str) -> int:
        return read_int(item.get(key, 0), at_place(place, key), 0, 366)

    def word(key: str, words: tuple[str, ...], default: str | None = None) -> str:
        return read_word(item.get(key, default), at_place(place, key), words)

    cc = item.get("cc", [])
    stage = Stage(
        id=name,
        source=word("from", FROM),
        wd=read_int(item["wd"], at_place(place, "wd"), -60, 366),
        to=word("to", ROLES),  # type: ignore[arg-type]  # checked against the roles
        mail=word("mail", MAILS),
        when=word("when", WHEN),
        cc=read_words([cc] if isinstance(cc, str) else cc, at_place(place, "cc"), ROLES),  # type: ignore[arg-type]
        min_term=count("min_term"),
        every_wd=count("every_wd"),
        every_if_term=count("every_if_term"),
        not_before_deadline_wd=count("not_before_deadline_wd"),
        release=word("release", RELEASES, "automatic"),
        may_hold=word("may_hold", ("", *MAY_HOLD), "") if "may_hold" in item else "",
    )
    if stage.release != "automatic" and not stage.may_hold:
        raise BadRules(f"{place}：release 为 {stage.release} 时须写明 may_hold（officer 或 director）。")
    if stage.source == "dispatch" and stage.wd < 1:
        raise BadRules(f"{at_place(place, 'wd')}：从交办起算应为 1 以上。")
    return stage


def _counts(table: dict[str, Any], place: str, bounds: dict[str, tuple[int, int]]) -> dict[str, int]:
    return {key: read_int(table[key], at_place(place, key), *bound) for key, bound in bounds.items()}


def _ceilings(table: dict[str, Any]) -> OutboxCeilings:
    return OutboxCeilings(**_counts(table, "[outbox]", {"per_hour": (1, 100000), "per_address_per_day": (1, 10000)}))


def _lamps(table: dict[str, Any]) -> LampPolicy:
    names = ("near_wd", "unacknowledged_wd", "check_unanswered_wd", "our_review_late_wd")
    share = read_number(table["near_share_of_term"], "[lamps] near_share_of_term", 0, 1)
    return LampPolicy(near_share_of_term=share, **_counts(table, "[lamps]", dict.fromkeys(names, (0, 60))))


def _extension(table: dict[str, Any]) -> ExtensionPolicy:
    place = "[extension]"
    bounds = {
        "ask_before_wd": (0, 60),
        "max_times": (0, 20),
        "max_each_wd": (0, 366),
        "max_total_wd": (0, 366),
        "director_may_grant_wd": (0, 366),
    }
    return ExtensionPolicy(
        needs=read_words(table["needs"], at_place(place, "needs"), NEEDS),
        above=read_word(table["above"], at_place(place, "above"), GRANTERS),
        beyond_maxima=read_word(table["beyond_maxima"], at_place(place, "beyond_maxima"), GRANTERS),
        **_counts(table, place, bounds),
    )


def _accountability(table: dict[str, Any]) -> AccountabilityPolicy:
    place = "[accountability]"
    steps = table["steps"]
    if not isinstance(steps, dict) or sorted(steps) != [str(n) for n in range(1, len(steps) + 1)]:
        raise BadRules(f"{place} steps：应按 1、2、3 的次序写明每一次的处理。")
    for key, words in steps.items():
        if not isinstance(words, str) or not words:
            raise BadRules(f"{place} steps {key}：应为一句话。")
    return AccountabilityPolicy(
        counts=read_words(table["counts"], at_place(place, "counts"), CASES),
        steps={int(key): words for key, words in steps.items()},
        serious=read_word(table["serious"], at_place(place, "serious"), ("people_only",)),
    )
