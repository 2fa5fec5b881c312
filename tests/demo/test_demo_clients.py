"""The clerks' bytes: every client's mail can be read back, names its thread, and carries the files whole."""

import email
import email.policy
from datetime import date, datetime
from email.message import Message

import pytest

from daemon.demo import clients, papers, robots
from daemon.demo.client_looks import Draft, File, Original
from daemon.procedure.workdays import SHANGHAI

AT = datetime(2026, 11, 3, 15, 7, 9, tzinfo=SHANGHAI)
ORIGINAL = Original(
    "tok.1@x.example",
    ("tok.0@x.example",),
    "【督办】栖师督字〔2026〕第1号",
    AT,
    "督察科",
    "d@x.example",
    "各单位：\n　　原文",
)
DRAFT = Draft(
    name="丘念慈",
    address="nianci.qiu@mail163.example",
    to_name="督察科",
    to_address="d@x.example",
    subject="回复：【督办】栖师督字〔2026〕第1号 关于一个标题长到必须折行的督查督办事项的通知",
    words="第一行\n第二行，龘",
    at=AT,
    original=ORIGINAL,
    signature=("丘念慈", "教务处"),
    files=(File("关于整改的报告.pdf", "application/pdf", bytes(range(256)) * 9),),
)


def decoded(part: Message) -> str:
    raw = part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    return raw.decode("gb18030" if part.get_content_charset() in ("gbk", "gb2312") else str(part.get_content_charset()))


@pytest.mark.parametrize("client", sorted(clients.STYLES))
def test_a_mail_reads_back(client: str) -> None:
    message_id, raw = clients.write(client, DRAFT)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert mail["Message-ID"] == f"<{message_id}>"
    assert mail["Subject"] == DRAFT.subject
    assert mail["In-Reply-To"] == "<tok.1@x.example>"
    assert "tok.0@x.example" in mail["References"]
    assert mail["From"].addresses[0].addr_spec == DRAFT.address
    assert mail["Date"].datetime == AT
    plain, page = (decoded(p) for p in mail.walk() if p.get_content_maintype() == "text")
    assert plain.replace("\r\n", "\n").startswith("第一行\n第二行，")
    assert "原文" in plain
    assert "原文" in page
    (file,) = [p for p in mail.walk() if p.get_content_type() == "application/pdf"]
    assert file.get_payload(decode=True) == DRAFT.files[0].data
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_the_same_draft_is_the_same_bytes_and_another_is_another() -> None:
    assert clients.write("qq", DRAFT) == clients.write("qq", DRAFT)
    other = Draft("a", "b@c.example", "督察科", "d@x.example", "s", "w", AT)
    assert clients.write("qq", other)[0] != clients.write("qq", DRAFT)[0]


def test_robots_look_like_robots() -> None:
    _, reply = robots.holiday_reply(DRAFT)
    mail = email.message_from_bytes(reply, policy=email.policy.default)
    assert mail["Subject"].startswith("自动回复:")
    assert mail["Auto-Submitted"] is None
    _, bounce = robots.returned_mail(
        "d@x.example", "gone@x.example", b"Message-ID: <our@x>\r\n\r\nx", AT, "mx.x.example"
    )
    report = email.message_from_bytes(bounce)
    assert report.get_content_type() == "multipart/report"
    assert [p.get_content_type() for p in report.get_payload()] == [  # type: ignore[union-attr]
        "text/plain",
        "message/delivery-status",
        "text/rfc822-headers",
    ]
    assert b"<our@x>" in bounce
    _, broken = robots.spoilt(DRAFT)
    assert b"x-spoilt" in broken


def test_papers() -> None:
    pdf = papers.report_pdf("关于整改情况的报告", "一、做了。\n二、也做了。", "教务处", date(2026, 11, 3))
    assert pdf.data.startswith(b"%PDF")
    blank = papers.report_docx("表", "一、办理情况\n（在此填写）", "教务处", date(2026, 11, 3))
    filled = papers.filled_form(blank.data, "表.docx", "都做完了。")
    import io

    import docx

    lines = [p.text for p in docx.Document(io.BytesIO(filled.data)).paragraphs]
    assert "都做完了。" in lines
    assert "（在此填写）" not in lines


def test_the_diary_repeats_nobodys_examples() -> None:
    """The clerks' words are their own: none stands beside a rule or among the sayings that the reading is tested by."""
    from importlib import resources
    from pathlib import Path

    from daemon.demo.school import load

    rules = resources.files("daemon.reading").joinpath("lexicon.toml").read_text("utf-8")
    sayings = (Path(__file__).parents[1] / "unit/reading/sayings.tsv").read_text("utf-8")
    for planned in load().diary:
        for sentence in planned.words.replace("\n", "。").split("。"):
            if len(sentence.strip()) > 8:
                assert sentence.strip() not in rules, sentence
                assert sentence.strip() not in sayings, sentence
