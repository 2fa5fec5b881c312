"""Words on pictures, by RapidOCR, where the extra duban[ocr] is installed; its models come inside the package."""

from __future__ import annotations

import os
import time
from functools import cache
from importlib.util import find_spec
from typing import Any

from PIL import Image

from daemon.attachments import limits
from daemon.attachments.limits import Found

#: Set for a child that shall read pictures.
ASKED = "DUBAN_OCR"
#: What the libraries are told before they load: the jail gives no threads.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
_LEAST_SIDE = 300  # pixels
_SURE = 0.6  # a line below it is more guess than reading


def installed() -> bool:
    """Whether the extra is there."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


@cache
def wanted() -> bool:
    """Whether this process reads pictures."""
    return os.environ.get(ASKED) == "1" and installed()


def read_picture(found: Found, picture: Image.Image) -> None:
    """Adds the words on a picture, while the part's seconds for that last; nothing without the extra."""
    if not wanted() or min(picture.size) < _LEAST_SIDE or found.ocr_left <= 0:
        return
    begun = time.process_time()
    told = _engine()(picture.convert("RGB"))
    lines = zip(told.txts or (), told.scores or (), strict=True)
    found.add_ocr("\n".join(line for line, score in lines if score >= _SURE))
    found.ocr_left -= time.process_time() - begun


@cache
def _engine() -> Any:
    import cv2
    from rapidocr import RapidOCR

    cv2.setNumThreads(1)
    return RapidOCR(
        params={
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Global.log_level": "critical",
            "Global.max_side_len": limits.OCR_SIDE,
        }
    )
