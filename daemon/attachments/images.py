"""Images: the QR codes on them are read, and whether a page bears a red seal."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from daemon.attachments import limits
from daemon.attachments.limits import Found, TooLarge
from daemon.attachments.ocr import read_picture
from daemon.attachments.qr import codes_on
from daemon.attachments.seal import seal_on

_MOST_SIDE = 2600  # a phone's photo of a page is read well at this size, and four times faster than at its own
_LEAST_PAGE = 400  # pixels: what is narrower is no picture of a page


def read_image(found: Found, data: bytes) -> None:
    """The QR codes and the seal of an image. Its size is looked at before a pixel is unpacked."""
    Image.MAX_IMAGE_PIXELS = None  # Pillow's own brake warns first and raises late; ours stands below
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
        if width * height > limits.PIXELS:
            raise TooLarge
        found.pages = min(getattr(image, "n_frames", 1), limits.PAGES)
        image.draft(None, (_MOST_SIDE, _MOST_SIDE))  # a JPEG is unpacked at a fraction where that is enough
        turned = ImageOps.exif_transpose(image)
    turned.thumbnail((_MOST_SIDE, _MOST_SIDE))
    if min(turned.size) >= _LEAST_PAGE:
        found.add_seal(seal_on(turned))
    for code in codes_on(turned.convert("L"), every_way=True):
        found.add_code(code)
    read_picture(found, turned)
