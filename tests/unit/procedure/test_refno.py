"""文号: every writing of domain practice is found, every trap is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.procedure.refno import find_all, parse_one, spoken
from daemon.procedure.shapes import RefNo

PREFIX = "青师督字"
TWELVE = RefNo(2026, 12)
refs = st.builds(RefNo, st.integers(2020, 2049), st.integers(1, 9999))


def keys(text: str, year: int | None = 2026) -> list[str]:
    return [found.ref.key for found in find_all(text, PREFIX, year)]


@pytest.mark.parametrize(
    "text",
    [
        "青师督字〔2026〕第12号",
        "青师督字[2026]12号",
        "青师督字［２０２６］第１２号",
        "青师督字【2026】012号",
        "青师督字〖2026〗第12号",
        "青师督字{2026}第12号",
        "青师督字<2026>第12号",
        "青师督字《2026》第12号",
        "青师督字﹝2026﹞第12号",
        "青师督字「2026」第12号",
        "青师督字（2026）第12号",
        "青师督字〔二〇二六〕第十二号",
        "青师督字〔二○二六〕12号",
        "青师督字(二O二六)第12号",
        "青师督字〔二零二六〕第一二号",
        "青师督字2026第12号",
        "青师督字2026年第12号",
        "青师督字2026-12",
        "青师督字2026 12号",
        "青师督字〔2026〕12",
        "青师督字〔26〕12号",
        "青师督〔2026〕12号",
        "督〔2026〕12号",
        "督字〔2026〕第12号",
        "督查字〔2026〕第12号",
        "青师督查字〔2026〕第12号",
        "青师督察字〔2026〕第12号",
        "青師督字〔2026〕第12號",
        "青师督字 〔 2026 〕 第 12 号",
        "青师督字\n〔2026〕\n第12号",
        "〔2026〕12号",
        "关于〔26〕第12号的报告",
        "2026年第12号通知单",
        "2026-012",
        "2026-12号",
        # as a scan shows it
        "青帅督字〔2026〕第12号",
        "青师昔宇[2026)第12弓",
        "青师誉宁〔2026〕第12呈",
        "青师督字I2026J第12号",
        "青师督字L2026]第12号",
        "青师督字(2O26]第l2号",
        "青师督字〔2〇26〕第1Z号",
    ],
)
def test_a_writing_with_its_year_is_found_and_sure(text: str) -> None:
    (found,) = find_all(f"您好！{text}\n收到。", PREFIX)
    assert (found.ref, found.sure) == (TWELVE, True)
    assert found.quote == f"您好！{text}\n收到。"[found.start : found.end]


@pytest.mark.parametrize(
    "text",
    ["督字12号", "青师督字第12号", "青师督12号", "第12号", "No.12", "12#", "12号事项", "通知单第12号", "编号：12号"],
)
def test_a_writing_without_year_takes_the_given_one_and_is_not_sure(text: str) -> None:
    (found,) = find_all(f"{text} 收到", PREFIX, 2026)
    assert (found.ref, found.sure) == (TWELVE, False)
    assert find_all(f"{text} 收到", PREFIX) == []


@pytest.mark.parametrize(
    "text",
    [
        "12号前报",
        "第12号前报送",
        "12月12号",
        "周五（12号）",
        "2026-12-15",
        "2026年12月15日",
        "2026-12",
        "第12次会议",
        "2026年第18次校长办公会议",
        "通师院发〔2026〕12号",
        "校发〔2026〕40号要求",
        "后勤〔2026〕9号",
        "省督字〔2026〕12号",
        "教字〔2026〕第12号",
        "第12号楼",
        "12#楼",
        "12号食堂",
        "电话 0000-0012",
        "青师督字〔2026〕第〇号",
        "2026年第12号令",
    ],
)
def test_what_is_no_number_of_ours_is_left_alone(text: str) -> None:
    assert keys(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("青师督字〔2026〕第12、13号", ["2026-12", "2026-13"]),
        ("青师督字〔2026〕第12号、第13号", ["2026-12", "2026-13"]),
        ("青师督字〔2026〕第12号和第14号", ["2026-12", "2026-14"]),
        ("青师督字〔2026〕第12—15号", ["2026-12", "2026-13", "2026-14", "2026-15"]),
        ("第12至14号", ["2026-12", "2026-13", "2026-14"]),
        ("青师督字〔2026〕第12号，12月15日前报", ["2026-12"]),
        ("第12号，15号前报", ["2026-12"]),
        ("青师督字〔2026〕第12号、校发〔2026〕40号、青师督字〔2025〕第3号", ["2026-12", "2025-3"]),
        ("青师督字〔2026〕第15—12号", []),
    ],
)
def test_several_numbers(text: str, expected: list[str]) -> None:
    assert keys(text) == expected


@pytest.mark.parametrize("text", ["2026-12", "2026-012", "１２", "12", "12号", " 第12号 ", "青师督字〔2026〕第12号"])
def test_the_commands_take_short_forms(text: str) -> None:
    assert parse_one(text, PREFIX, 2026) == TWELVE


def test_a_command_is_not_guessed() -> None:
    assert parse_one("12", PREFIX) is None
    assert parse_one("第12、13号", PREFIX, 2026) is None
    assert parse_one("供热", PREFIX, 2026) is None


@given(refs)
def test_what_is_printed_is_read_again(ref: RefNo) -> None:
    assert parse_one(spoken(ref, PREFIX), PREFIX) == ref
    assert parse_one(ref.key, PREFIX) == ref
    assert parse_one(ref.file, PREFIX) == ref


@given(
    refs,
    st.sampled_from(["〔〕", "[]", "［］", "()", "（）", "【】", "〖〗", "{}", "<>", "《》", "﹝﹞", "「」"]),
    st.booleans(),
)
def test_every_bracket(ref: RefNo, pair: str, full_width: bool) -> None:
    text = f"{PREFIX}{pair[0]}{ref.year}{pair[1]}第{ref.number}号"
    if full_width:
        text = text.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    (found,) = find_all(f"关于{text}", PREFIX)
    assert found.ref == ref
    assert found.sure


@given(st.text(alphabet="青师督字〔〕[]第号年-、0123456789〇一二十No.# \n校发", max_size=40))
def test_whatever_is_found_is_where_it_says(text: str) -> None:
    for found in find_all(text, PREFIX, 2026):
        assert text[found.start : found.end] == found.quote
        assert found.ref.number > 0


@given(st.integers(1, 9999))
def test_chinese_numerals(value: int) -> None:
    digits = "零一二三四五六七八九"
    text, zero = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // place % 10
        if digit:
            text += ("零" if zero and text else "") + digits[digit] + unit
            zero = False
        else:
            zero = True
    assert keys(f"青师督字〔2026〕第{text}号") == [f"2026-{value}"]


def test_a_prefix_without_督() -> None:
    assert [one.ref.key for one in find_all("蓝政查〔2026〕3号、督字〔2026〕4号", "蓝政查", 2026)] == ["2026-3"]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["督", "1、", "〔2026〕", "青师督 ", " ", "第 ", "第12、", "一二三四", "青\n", "12-", "No.", "督查 \n"]
)
def test_a_hostile_text_costs_no_time(piece: str) -> None:
    """Quadratic in a text of this length would be minutes."""
    assert find_all(piece * (100_000 // len(piece)), PREFIX) == []
