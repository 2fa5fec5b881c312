"""Whether a page bears a round red seal: a hint for the person who reviews, by nothing but colour, size and shape."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PIL import Image, ImageChops, ImageFilter

#: Official seals are 38 to 45 mm wide; a photo with a margin shows them smaller, one that cuts the page off larger.
_LEAST_MM, _MOST_MM = 28.0, 56.0
_A4_WIDTH_MM = 210.0
_PER_MM = 2.0  # pixels, at which the page is looked at
_RED = 50  # how far red stands above green and blue
_COLOUR = 40  # below it everywhere the scan is grey, and says nothing of colours
_SECTORS = 36
_HEAD = 0.4  # of the page's height
_MOST_RED = 20_000  # cells of a square millimetre: a page redder than that is a photo of something else


def seal_on(page: Image.Image, width_mm: float = 0.0, *, first: bool = True) -> bool | None:
    """Whether a unit's red seal is on the picture of a page; None where the picture has no colours.

    `width_mm`: how wide the page is; 0 where that is not known, as on a photo, which is taken for an A4 sheet.
    On an upright `first` page the seals at the head do not count: there the 督查督办单位 puts its own.
    """
    if page.mode in ("1", "L", "LA", "I", "I;16"):
        return None
    width_mm = width_mm or _A4_WIDTH_MM * page.width / min(page.size)
    scale = width_mm * _PER_MM / page.width
    size = (max(1, round(page.width * scale)), max(1, round(page.height * scale)))
    red, green, blue = page.convert("RGB").resize(size, Image.Resampling.BOX, reducing_gap=2.0).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    least = ImageChops.darker(ImageChops.darker(red, green), blue)
    if ImageChops.subtract(most, least).point(lambda value: 255 * (value >= _COLOUR)).getbbox() is None:
        return None
    mask = ImageChops.subtract(red, ImageChops.lighter(green, blue)).point(lambda value: 255 * (value >= _RED))
    above = mask.height * _HEAD if first and mask.height > mask.width else 0.0
    return any((box[1] + box[3]) / 2 >= above and _is_seal(mask.crop(box)) for box in _patches(mask))


def _patches(mask: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """Boxes around what is red and hangs together, where they are about as large as a seal."""
    joined = mask.filter(ImageFilter.MaxFilter(5))  # a millimetre around: ring, star and letters become one
    across, down = mask.width // 2, mask.height // 2
    if not across or not down:
        return
    cells = joined.resize((across, down), Image.Resampling.NEAREST).tobytes()
    left = {place for place, value in enumerate(cells) if value}
    if len(left) > _MOST_RED:
        return
    while left:
        patch = _patch(left, across)
        columns, rows = [place % across for place in patch], [place // across for place in patch]
        yield min(columns) * 2, min(rows) * 2, max(columns) * 2 + 2, max(rows) * 2 + 2


def _patch(left: set[int], across: int) -> list[int]:
    """One patch of cells that touch one another, taken out of `left`."""
    waiting = [left.pop()]
    patch = []
    while waiting:
        place = waiting.pop()
        patch.append(place)
        for near in (place - across, place + across, place - 1, place + 1):
            if near in left and (abs(near - place) == across or near // across == place // across):
                left.remove(near)
                waiting.append(near)
    return patch


def _is_seal(patch: Image.Image) -> bool:
    """Round, of a seal's size, with something of a rim all around, and not filled."""
    box = patch.getbbox()
    if box is None:
        return False
    wide, high = box[2] - box[0], box[3] - box[1]
    fits = all(_LEAST_MM * _PER_MM <= side <= _MOST_MM * _PER_MM for side in (wide, high))
    if not fits or not 0.75 <= wide / high <= 1.33:
        return False
    inked = patch.crop(box).tobytes()
    points = [
        ((2 * (place % wide) + 1 - wide) / wide, (2 * (place // wide) + 1 - high) / high)
        for place, value in enumerate(inked)
        if value
    ]
    outside = sum(math.hypot(x, y) > 1.06 for x, y in points)
    rim = {
        int((math.atan2(y, x) / math.tau + 0.5) * _SECTORS) % _SECTORS
        for x, y in points
        if 0.82 <= math.hypot(x, y) <= 1.06
    }
    filled = len(points) / (math.pi / 4 * wide * high)
    return outside <= 0.03 * len(points) and len(rim) >= 0.75 * _SECTORS and filled <= 0.75
