"""Words on photos and scans, read in the child where the extra duban[ocr] is installed and asked for."""

from __future__ import annotations

import asyncio
import io
import os
from dataclasses import replace

import pypdfium2
import pytest
from PIL import Image

from daemon.attachments import limits, ocr
from daemon.attachments.kinds import open_part
from daemon.attachments.limits import Found
from daemon.attachments.openers import Openers
from daemon.compose.notice import notice_pdf
from daemon.reading.shapes import Opened
from tests.unit.attachments.test_kinds import CODE, NOTICE
from tests.unit.attachments.test_openers import part

needs_ocr = pytest.mark.skipif(
    not ocr.installed() and "CI" not in os.environ, reason="duban[ocr] is not installed: make ocr"
)


def page() -> Image.Image:
    report = "12月11日前检修37处，全部合格。"
    document = pypdfium2.PdfDocument(notice_pdf(replace(NOTICE, report=report)))
    picture: Image.Image = document[0].render(scale=150 / 72).to_pil()
    return picture


def saved(picture: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **({"resolution": 150} if kind == "PDF" else {"quality": 70}))
    return out.getvalue()


def opened(*files: tuple[bytes, str], reads_pictures: bool = True) -> tuple[Opened, ...]:
    async def go() -> tuple[Opened, ...]:
        openers = Openers(1, reads_pictures=reads_pictures)
        try:
            told = await openers.open_parts([part(data, name, n) for n, (data, name) in enumerate(files)])
            assert "rlimit" in openers.holds
            return told
        finally:
            await openers.close()

    return asyncio.run(go())


@needs_ocr
@pytest.mark.slow
def test_words_on_a_photo_and_a_scan_are_read_in_the_jail_and_kept_apart() -> None:
    photo, scan = opened((saved(page(), "JPEG"), "照片.jpg"), (saved(page().rotate(1), "PDF"), "扫描.pdf"))
    for told in (photo, scan):
        assert told.error == ""
        assert told.text == ""
        assert "检修37处" in told.ocr
        assert "督查督办通知单" in told.ocr
        assert told.codes == (CODE,)


def test_nobody_who_does_not_ask_pays_for_it() -> None:
    (told,) = opened((saved(page(), "JPEG"), "照片.jpg"), reads_pictures=False)
    assert (told.ocr, told.codes, told.error) == ("", (CODE,), "")


def test_without_the_extra_a_pool_that_asks_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "installed", lambda: False)
    (told,) = opened((saved(page(), "JPEG"), "照片.jpg"))
    assert (told.ocr, told.codes, told.error) == ("", (CODE,), "")


class _Read:
    """What RapidOCR answers, and costs."""

    def __init__(self) -> None:
        self.pages = 0

    def __call__(self, picture: Image.Image) -> _Read:
        self.pages += 1
        return self

    txts = ("办结报告", "看不清")
    scores = (0.98, 0.31)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> _Read:
    engine = _Read()
    monkeypatch.setattr(ocr, "wanted", lambda: True)
    monkeypatch.setattr("daemon.attachments.pdf.wanted", lambda: True)
    monkeypatch.setattr(ocr, "_engine", lambda: engine)
    return engine


def test_guesses_and_small_pictures_are_left_out(engine: _Read) -> None:
    found = Found()
    open_part(found, "a.jpg", "", saved(page(), "JPEG"))
    assert found.ocr == ["办结报告"]
    open_part(found, "logo.jpg", "", saved(Image.new("RGB", (200, 200)), "JPEG"))
    assert engine.pages == 1


def test_pages_are_read_while_the_seconds_last(engine: _Read, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter(range(0, 1000, 4))  # four seconds of work a page
    monkeypatch.setattr("daemon.attachments.ocr.time.process_time", lambda: float(next(ticks)))
    out = io.BytesIO()
    page().save(out, "PDF", save_all=True, append_images=[page()] * 7)
    found = Found()
    open_part(found, "a.pdf", "", out.getvalue())
    assert engine.pages == 4 < found.pages
    assert limits.OCR_SECONDS < 16 < limits.PART_SECONDS_OCR


def test_a_picture_in_a_document_is_read_too(engine: _Read) -> None:
    from tests.unit.attachments import attached

    found = Found()
    body = attached.docx(attached.paragraph("见下图"), {"word/media/image1.jpeg": saved(page(), "JPEG")})
    open_part(found, "a.docx", "", body)
    assert (found.text, found.ocr, found.codes) == (["见下图"], ["办结报告"], [CODE])
