"""Who and what the law names: 文号, people, units, leaders, the school, the key of a reminder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

# ---------------------------------------------------------------------------------------------------------------
# 文号


@dataclass(frozen=True, slots=True, order=True)
class RefNo:
    """文号: year and number; the prefix (青师督字) is the school's. `key` is `2026-12`, `file` is `2026-012`."""

    year: int
    number: int

    @property
    def key(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def file(self) -> str:
        return f"{self.year}-{self.number:03d}"


# ---------------------------------------------------------------------------------------------------------------
# The school and its people (一: 机构及职责范围). They come from the school's chain, never from a machine's settings.

Role = Literal[
    "head",  # 主要负责人, 第一责任人
    "deputy",  # 直接责任人
    "liaison",  # 督查督办工作联络人员
    "unit",  # an address of the unit itself
    "supervising_leader",  # 分管校领导
    "attached_leader",  # 联系校领导
    "president",  # 校长
    "secretary",  # 党委书记
    "director",  # 学校办公室负责人
    "section",  # 督察科
    "officer",  # 经办人
]


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    title: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """承办单位. `supervising` and `attached` are leader codes; `other_addresses` also count as the unit's own."""

    code: str
    name: str
    short_name: str
    head: Person | None = None
    second_head: Person | None = None  # a college's 书记
    deputy: Person | None = None
    liaison: Person | None = None
    liaison_phone: str = ""
    supervising: str | None = None
    attached: str | None = None
    other_addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leader:
    """校领导. `principal` is true for 校长 and 党委书记 (学校主要领导)."""

    code: str
    name: str
    title: str
    address: str
    principal: bool = False


@dataclass(frozen=True, slots=True)
class School:
    """`[school]` of school.toml. The optional addresses default to `mailbox` where they are used."""

    name: str
    short_name: str
    office: str
    section: str
    ref_prefix: str
    mailbox: str
    domain: str
    authserv_id: str = ""
    contact: str = ""
    phone: str = ""
    section_address: str = ""  # who reads announcements and alarms; empty: the mailbox
    director: str = ""  # 学校办公室负责人
    director_address: str = ""
    grave_by_mail: bool = True  # false: closures and extensions by mail wait for a person (no Authentication-Results)


@dataclass(frozen=True, slots=True)
class StageKey:
    """What makes a reminder one and the same (promise 6). `counts_from` is the date its stage counts from."""

    unit: str
    stage: str
    counts_from: date
    nth: int = 1
