"""`duban demo`: a month of 督查督办 at an imaginary school, by real mail from simulated clerks."""

from __future__ import annotations
