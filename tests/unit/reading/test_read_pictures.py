"""What was read off a picture helps to name the file, and makes nothing certain."""

from __future__ import annotations

from typing import Any

from daemon.reading.shapes import Opened

TITLE = "关于照明改造的办结报告"
FILES = (("扫描0001.jpg", b"\xff\xd8\xff scan"),)


def test_a_scan_is_known_for_a_report_by_its_title(office: Any) -> None:
    got = office.read("报告见附件。", files=FILES, opened=(Opened(0, ocr=TITLE),))
    assert [one.role for one in got.attachments] == ["report"]


def test_a_number_read_off_a_picture_is_never_certain(office: Any) -> None:
    got = office.read(
        "报送材料。",
        subject="材料",
        answers="",
        files=FILES,
        opened=(Opened(0, ocr="松院督字〔2026〕第6号\n" + TITLE),),
    )
    assert not any(said.certain for said in got.said)
    assert got.decision != "register"
