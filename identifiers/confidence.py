"""How sure a reading is: a few named steps, so that two readings can be put in order.

Rules kept:

* A step says *why* we believe a reading, not how often it is right: nobody has counted that.
* A repair never raises the step of what is read through it; see `repair.proposing`.

>>> Confidence.CERTAIN > Confidence.GUESS, float(Confidence.LIKELY)
(True, 0.7)
"""

from __future__ import annotations

from enum import Enum

__all__ = ["Confidence"]


class Confidence(float, Enum):
    """The steps, from 0 to 1."""

    CERTAIN = 1.0
    """The text says itself what it is (brackets, FNC1, a URN, a header), and every rule holds."""
    STRONG = 0.9
    """The text does not say so, but a check digit or a closely knit structure holds."""
    LIKELY = 0.7
    """The structure holds, and few other codes look like this; nothing in it can be checked."""
    POSSIBLE = 0.5
    """The structure holds, and other codes look like this too."""
    WEAK = 0.3
    """The structure hardly says anything: much else looks like this."""
    GUESS = 0.1
    """One of several ways to undo a damage, or another way to read what can be read as it is."""
