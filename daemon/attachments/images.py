"""Images: only the QR codes on them are read."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from daemon.attachments import limits
from daemon.attachments.limits import Found, TooLarge
from daemon.attachments.qr import codes_on

_MOST_SIDE = 2600  # a phone's photo of a page is read well at this size, and four times faster than at its own


def read_image(found: Found, data: bytes) -> None:
    """The QR codes of an image. Its size is looked at before a pixel is unpacked."""
    Image.MAX_IMAGE_PIXELS = None  # Pillow's own brake warns first and raises late; ours stands below
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        if width * height > limits.PIXELS:
            raise TooLarge
        found.pages = min(getattr(image, "n_frames", 1), limits.PAGES)
        image.draft("L", (_MOST_SIDE, _MOST_SIDE))  # a JPEG is unpacked at a fraction where that is enough
        turned = ImageOps.exif_transpose(image).convert("L")
    turned.thumbnail((_MOST_SIDE, _MOST_SIDE))
    for code in codes_on(turned, every_way=True):
        found.add_code(code)
