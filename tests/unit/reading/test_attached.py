"""Which words point to a file that came with them."""

from __future__ import annotations

import pytest

from daemon.reading.attached import points_to_file


@pytest.mark.parametrize(
    "words",
    [
        "办结报告见附件。",
        "具体情况详见附件，请审阅。",
        "请查收附件。",
        "附件请查收",
        "台账附后。",
        "现随信附上办结报告一份。",
        "随函附送延期说明",
        "现将总结附上，请审核。",
        "报告以附件形式报送。",
        "此致敬礼\n附件：1.办结报告",
        "未能当面报送，办结报告见附件。",
    ],
)
def test_points(words: str) -> None:
    assert points_to_file(words)


@pytest.mark.parametrize(
    "words",
    [
        "收到，附件已打印。",
        "附件打不开，请重发。",
        "报告随后附上。",
        "下周附上台账。",
        "忘了附上报告。",
        "没有附上签字页。",
        "待盖章后附上。",
        "请问报告是否以附件形式报送？",
        "如需要可附上照片。",
        "请贵科将样表附后发来。",
        "已全部办结。",
    ],
)
def test_points_to_nothing(words: str) -> None:
    assert not points_to_file(words)
