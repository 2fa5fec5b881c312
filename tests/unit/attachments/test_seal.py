"""The red seal: seen where a round one of its size is, not in red headings, banners, squares or discs."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image, ImageDraw, ImageFilter

from daemon.attachments.child import answer
from daemon.attachments.seal import seal_on
from daemon.compose.notice import notice_pdf
from tests.unit.attachments.test_kinds import NOTICE
from tests.unit.attachments.test_openers import opened

PER_MM = 4
INK = (208, 40, 48)


def sheet(colour: tuple[int, int, int] = (250, 249, 247)) -> Image.Image:
    """An A4 page with lines of black words."""
    page = Image.new("RGB", (210 * PER_MM, 297 * PER_MM), colour)
    draw = ImageDraw.Draw(page)
    for row in range(40, 280, 8):
        draw.rectangle([25 * PER_MM, row * PER_MM, 185 * PER_MM, (row + 3) * PER_MM], outline=(20, 20, 20), width=3)
    return page


def stamp(
    page: Image.Image, across: float = 140, down: float = 240, width: float = 42, ink: tuple[int, ...] = INK
) -> Image.Image:
    """A round seal in millimetres: rim, star, and strokes where the letters stand."""
    draw = ImageDraw.Draw(page)
    x, y, radius = across * PER_MM, down * PER_MM, width * PER_MM / 2
    draw.ellipse([x - radius, y - radius, x + radius, y + radius], outline=ink, width=round(1.2 * PER_MM))
    for n in range(14):
        turn = math.radians(150 + n * 240 / 13)
        ends = [(x + math.cos(turn) * radius * r, y + math.sin(turn) * radius * r) for r in (0.66, 0.86)]
        draw.line(ends, fill=ink, width=PER_MM)
    tips = [(n * math.pi / 5, radius * (0.3, 0.12)[n % 2]) for n in range(10)]
    star = [(x + math.sin(turn) * far, y - math.cos(turn) * far) for turn, far in tips]
    draw.polygon(star, fill=ink)
    return page


def heading(page: Image.Image) -> Image.Image:
    """A red heading as official papers have it: large characters over a red rule."""
    draw = ImageDraw.Draw(page)
    for n in range(9):
        left = (30 + n * 17) * PER_MM
        for k in range(4):
            draw.rectangle([left, (20 + k * 4) * PER_MM, left + 14 * PER_MM, (21.5 + k * 4) * PER_MM], fill=INK)
        draw.rectangle([left + 6 * PER_MM, 20 * PER_MM, left + 8 * PER_MM, 34 * PER_MM], fill=INK)
    draw.rectangle([25 * PER_MM, 38 * PER_MM, 185 * PER_MM, 39 * PER_MM], fill=INK)
    return page


def shape(kind: str) -> Image.Image:
    page = sheet()
    draw = ImageDraw.Draw(page)
    box = [120 * PER_MM, 200 * PER_MM, 162 * PER_MM, 242 * PER_MM]
    if kind == "banner":
        draw.rectangle([0, 0, 210 * PER_MM, 40 * PER_MM], fill=INK)
    elif kind == "square":
        draw.rectangle(box, outline=INK, width=6)
    elif kind == "disc":
        draw.ellipse(box, fill=INK)
    elif kind == "small":
        stamp(page, width=18)
    elif kind == "cross":
        draw.line(box, fill=INK, width=8)
        draw.line([box[0], box[3], box[2], box[1]], fill=INK, width=8)
    elif kind == "blue":
        stamp(page, ink=(40, 60, 200))
    elif kind == "red page":
        page = sheet((220, 60, 50))
    return page


def test_a_seal_over_the_words_is_seen() -> None:
    assert seal_on(stamp(sheet())) is True
    assert seal_on(stamp(heading(sheet()))) is True


@pytest.mark.parametrize("width", [38, 40, 45])
@pytest.mark.parametrize("turn", [0, 90, 4])
def test_seals_of_every_size_on_pages_at_any_angle(width: float, turn: int) -> None:
    assert seal_on(stamp(sheet(), width=width).rotate(turn, expand=True, fillcolor=(90, 90, 90))) is True


@pytest.mark.parametrize(
    "spoil",
    [
        lambda page: page.filter(ImageFilter.GaussianBlur(2)),
        lambda page: page.resize((620, 877)),
        lambda page: Image.blend(page, Image.new("RGB", page.size, "white"), 0.45),
        lambda page: page.resize((page.width, round(page.height * 0.85))),
    ],
    ids=["blurred", "75 dpi", "faded", "from aslant"],
)
def test_a_seal_on_a_poor_picture(spoil: Callable[[Image.Image], Image.Image]) -> None:
    assert seal_on(spoil(stamp(sheet()))) is True


def test_the_offices_own_seal_at_the_head_does_not_count() -> None:
    upside_down = stamp(sheet()).rotate(180)
    assert seal_on(upside_down) is False
    assert seal_on(upside_down, 210.0, first=False) is True


def test_red_headings_are_no_seal() -> None:
    assert seal_on(heading(sheet())) is False


@pytest.mark.parametrize("kind", ["none", "banner", "square", "disc", "small", "cross", "blue", "red page"])
def test_other_things_are_no_seal(kind: str) -> None:
    page = shape(kind)
    ImageDraw.Draw(page).rectangle([0, 0, 20, 20], fill=(20, 120, 220))  # a page in colours in any case
    assert seal_on(page) is False


def test_a_grey_scan_says_nothing() -> None:
    grey = stamp(sheet()).convert("L")
    assert seal_on(grey) is None
    assert seal_on(grey.convert("RGB")) is None


def test_the_child_tells_of_the_seal_on_scans_photos_and_forms() -> None:
    photo, scan = io.BytesIO(), io.BytesIO()
    stamp(sheet()).save(photo, "JPEG", quality=70)
    stamp(sheet()).save(scan, "PDF", resolution=PER_MM * 25.4)
    assert opened(photo.getvalue(), "签收.jpg").seal is True
    assert answer("签收.pdf", "", scan.getvalue())["seal"] is True
    plain = answer("通知单.pdf", "", notice_pdf(replace(NOTICE, report="已办结。")))
    assert plain["form"]
    assert plain["seal"] in (False, None)


def test_small_pictures_are_not_looked_at() -> None:
    small = io.BytesIO()
    Image.new("RGB", (300, 300), "red").save(small, "PNG")
    assert answer("logo.png", "", small.getvalue())["seal"] is None
