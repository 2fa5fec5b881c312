"""The policy as shipped, and what a wrong one is told."""

import tomllib
from datetime import time
from pathlib import Path

import pytest

from daemon.procedure.checking import BadRules
from daemon.procedure.policy import MAILS
from daemon.procedure.rules import default_text, load_policy


def test_the_shipped_policy() -> None:
    policy = load_policy(default_text())
    assert policy == load_policy("")
    assert [stage.id for stage in policy.reminders.stages] == [
        *(
            "ack1",
            "ack2",
            "ack3",
            "check",
            "pre5",
            "pre2",
            "day0",
            "over1",
            "over3",
            "lead3",
            "over5",
            "pres10",
            "week",
        ),
    ]
    assert policy.reminders.unit_mail_at == time(10, 0)
    assert policy.reminders.stage("over5").may_hold == "director"
    assert policy.reminders.stage("day0").cc == ("liaison",)
    assert policy.outbox.per_hour == 300
    assert policy.accountability.steps[3] == "向学校主要领导说明情况"
    assert policy.score["late_over_10wd"] == -2.0


@pytest.mark.shared
def test_the_shipped_file_says_what_the_field_says(request: pytest.FixtureRequest) -> None:
    source = Path(__file__).parents[4] / "shared" / "domain-data.toml"
    if not source.exists():
        pytest.skip("no folder shared/ beside the project")
    field = tomllib.loads(source.read_text(encoding="utf-8"))
    shipped = tomllib.loads(default_text())
    shipped["reminders"].pop("after_return")
    field.pop("units")
    assert shipped == field


def test_what_a_school_leaves_out_is_as_shipped() -> None:
    policy = load_policy("[reminders]\nreturn_term_wd = 3\n[lamps]\nnear_wd = 5\n")
    assert policy.reminders.return_term_wd == 3
    assert policy.lamps.near_wd == 5
    assert len(policy.reminders.stages) == 13


def test_a_school_may_have_fewer_stages() -> None:
    policy = load_policy(
        "[reminders]\nstages = ["
        '{ id = "day0", from = "deadline", wd = 0, to = "head", mail = "due_today", when = "open" }]'
    )
    assert policy.reminders.after_return == ("day0",)
    assert policy.reminders.supporting_units == ()


STAGE = (
    '[reminders]\nstages = [{{ id = "x", from = "deadline", wd = 1, to = "head", mail = "urge_1", when = "open"{} }}]'
)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[reminder]\n", "规则：不认识 reminder。是否指 reminders？"),
        ("[lamps]\nnear_wds = 3", "[lamps]：不认识 near_wds。是否指 near_wd？"),
        ("[lamps]\nnear_wd = '3'", '[lamps] near_wd：应为 0 到 60 的整数，写成了 "3"。'),
        ("[lamps]\nnear_wd = true", "[lamps] near_wd：应为 0 到 60 的整数，写成了 true。"),
        ("[lamps]\nnear_share_of_term = 15", "[lamps] near_share_of_term：应为 0 到 1 的数，写成了 15。"),
        ("[reminders]\nunit_mail_at = '10'", '[reminders] unit_mail_at：应为 "08:30" 这样的时刻，写成了 "10"。'),
        ("[reminders]\nunit_mail_at = '12:00'", "[reminders] unit_mail_at：应在 hours 所列的办公时段内。"),
        ("[reminders]\nannounce_by = '15:00'", "应依次在后"),
        ("[reminders]\nschema = 2", "本程序只认识 1"),
        ("[reminders]\nholds = ['mail']", "[reminders] holds：应为 unreviewed_letter、"),
        ("[reminders]\nhours = [['13:30', '17:00'], ['08:30', '11:30']]", "先后排列、互不重叠"),
        ("[reminders]\nsupporting_units = ['over1', 'acks']", "[reminders] supporting_units：应为 ack1、"),
        ("[reminders]\nreturn_term_wd = 11", "[reminders] return_term_wd：应为 1 到 10 的整数，写成了 11。"),
        ("[extension]\nabove = 'rector'", "[extension] above：应为 director、instructing_leader、president 之一"),
        ("[accountability.steps]\n1 = 'a'\n3 = 'c'", "[accountability] steps：应按 1、2、3 的次序"),
        ("[score]\nlate = -1", "[score]：不认识 late。"),
        (STAGE.format(", release = 'unless_held'"), "阶段 x：release 为 unless_held 时须写明 may_hold"),
        (STAGE.format(", too = 'head'"), "阶段 x：不认识 too。是否指 to？"),
        (STAGE.format("").replace('"head"', '"chief"'), "阶段 x to：应为 head、"),
        (STAGE.format("").replace('"urge_1"', '"urge_9"'), "阶段 x mail：应为 ack_reminder、"),
        (STAGE.format("").replace('when = "open"', 'when = "opened"'), "阶段 x when：应为 unacknowledged、"),
        (STAGE.format("").replace("wd = 1, ", ""), "阶段 x：缺少 wd。"),
        (STAGE.format("").replace('"deadline"', '"start"'), "阶段 x from：应为 dispatch、half_time、deadline 之一"),
        (STAGE.format("").replace('id = "x"', 'id = "第一"'), "第1项 id"),
        ("[reminders]\nstages = []", "应为催报阶段的列表"),
        ("lamps = 3", "[lamps]：应为一张表。"),
        ("= 3", "不是正确的 TOML"),
    ],
)
def test_a_wrong_policy_says_where_and_what_was_expected(text: str, says: str) -> None:
    with pytest.raises(BadRules) as refused:
        load_policy(text)
    assert says in str(refused.value)


def test_every_mail_of_a_stage_has_a_name() -> None:
    from daemon.procedure.words import name

    assert all(name("mails", mail) != mail for mail in MAILS)
