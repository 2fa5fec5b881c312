"""What our own server says of a sender is read as it wrote it: words that the sender put into it prove nothing."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    "said",
    [
        'dmarc=fail header.from=uni.example; spf=pass smtp.mailfrom="x;dmarc=pass "@evil.example',
        'dmarc=fail reason="none; dmarc=pass" header.from=uni.example',
        "dmarc=fail header.from=uni.example; dmarc=pass header.from=evil.example",
    ],
)
def test_a_failed_dmarc_stays_failed(office: Any, said: str) -> None:
    got = office.read("收到", authentication=f"mx.uni.example; {said}")
    assert (got.trusted, "forged" in got.doubts) == (False, True)


@pytest.mark.parametrize(
    "said",
    [
        'spf=pass smtp.mailfrom="x; dmarc=pass y"@evil.example',
        "spf=pass smtp.mailfrom=x;dmarc=pass@evil.example",
        "spf=none (said (twice); dmarc=pass) smtp.mailfrom=evil.example",
        "spf=none (one \\) ; dmarc=pass) smtp.mailfrom=evil.example",
        'spf=pass smtp.mailfrom=evil.example smtp.helo="smtp.from=uni.example"',
        "spf=pass x-smtp.from=uni.example smtp.mailfrom=evil.example",
    ],
)
def test_no_pass_by_the_senders_own_words(office: Any, said: str) -> None:
    assert not office.read("收到", answers="", authentication=f"mx.uni.example; {said}").trusted


@pytest.mark.parametrize(
    "said",
    [
        'dmarc=pass (p=none dis=none (x)) header.from="uni.example"',
        'dkim=pass (good; 2048 bit) header.d="uni.example"',
        "spf=pass (mx: 1.2.3.4 is allowed) smtp.mailfrom=<zw@uni.example>",
    ],
)
def test_a_pass_in_any_proper_writing(office: Any, said: str) -> None:
    assert office.read("收到", answers="", authentication=f"mx.uni.example; {said}").trusted
