"""Numbers as fixed-width text, and as colour bins. Imports nothing of the package."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

#: Widths that views use for one number: sign, digits and point.
NARROW: Final = 5
WIDE: Final = 6

#: Colour bins on each side of 0.
BINS: Final = 4

_SIGNS: Final = {True: "−", False: "+"}


@lru_cache(maxsize=4096)
def fixed(value: float, width: int = WIDE) -> str:
    """A signed number in exactly ``width`` cells, right-aligned; at least 5.

    As many decimals as fit, 3 at most; an exponent where too large or too small for that, alone where a digit before
    it has no room; exactly 0 is ``0``, so that it can be told from what merely rounds to it.

    >>> fixed(0.5371), fixed(-12.3456), fixed(0.0), fixed(3.2e-7), fixed(1e12), fixed(1e120), fixed(1e120, 5)
    ('+0.537', '−12.35', '     0', ' +3e−7', ' +1e12', '+1e120', '+e120')
    """
    if math.isnan(value):
        return "NaN".rjust(width)
    sign = _SIGNS[value < 0]
    size = abs(value)
    if math.isinf(size):
        return f"{sign}∞".rjust(width)
    if size == 0:
        return "0".rjust(width)
    for decimals in range(min(3, width - 3), 0, -1):
        text = f"{size:.{decimals}f}"
        if len(text) < width and float(text) > 0:
            other = _exponent(size, width - 1) if size < 1 else text
            # 0.0007 is +7e−4 rather than +0.001: the form that is nearer to the truth.
            truer = abs(_parsed(other) - size) < abs(float(text) - size) * (1 - 1e-9)
            return (sign + (other if truer else text)).rjust(width)
    text = f"{size:.0f}"
    if len(text) < width and size >= 1:
        return (sign + text).rjust(width)
    return (sign + _exponent(size, width - 1)).rjust(width)


def _exponent(size: float, room: int, digits: int = 3) -> str:
    for decimals in reversed(range(digits)):
        mantissa, exponent = f"{size:.{decimals}e}".split("e")
        power = int(exponent)
        text = f"{mantissa}e{'−' if power < 0 else ''}{abs(power)}"
        if len(text) <= room:
            return text
    # Too long even so: say "nearly nothing" or the power alone, never a wrong exponent.
    return f"{0:.{room - 2}f}" if size < 1 else f"e{power}"


def _parsed(text: str) -> float:
    return float(text.replace("−", "-"))


def least_width(value: float) -> int:
    """The cells, ``NARROW`` or ``WIDE``, in which :func:`fixed` shows a digit of a large number beside its power.

    >>> least_width(1e99), least_width(-1e120)
    (5, 6)
    """
    return WIDE if fixed(value, NARROW)[1] == "e" else NARROW


def signed(value: float, decimals: int = 4) -> str:
    """A signed number at its own width, for running text: ``+0.5371``."""
    if math.isnan(value):
        return "NaN"
    sign = _SIGNS[value < 0]
    if math.isinf(value):
        return f"{sign}∞"
    return sign + plain(abs(value), decimals)


def full(value: float) -> str:
    """A number in full precision: the fewest digits that read back as the same float64."""
    if not math.isfinite(value):
        return plain(value)
    return repr(float(value)).replace("-", "−")


def significant(value: float, digits: int = 6) -> str:
    """A number to so many significant digits, without zeros at its end: ``0.37136``, ``−2``, ``3.1e−7``."""
    size = abs(value)
    if not math.isfinite(value) or size == 0:
        return plain(value)
    if not 1e-4 <= size < 10**digits:
        mantissa, power = f"{size:.{digits - 1}e}".split("e")
        text = f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    else:
        text = f"{size:.{max(digits - 1 - math.floor(math.log10(size)), 0)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return ("−" if value < 0 else "") + text.replace("-", "−")


def plain(value: float, decimals: int = 4) -> str:
    """A number at its own width, a minus only where it is negative: ``0.5371``, ``−2``, ``3.1e−7``."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("−∞" if value < 0 else "∞")
    size = abs(value)
    if size == 0:
        return "0"
    text = f"{size:.{decimals}f}" if 10**-decimals <= size < 1e6 else _exponent(size, 12)
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return f"−{text}" if value < 0 else text


def told(value: float) -> str:
    """A number that is looked at by itself: as :func:`plain`, but where it is small with three significant digits.

    >>> told(1.10972), told(0.000147321), told(-0.05)
    ('1.1097', '0.000147', '−0.05')
    """
    return significant(value, 3) if 0 < abs(value) < 0.01 else plain(value)


@lru_cache(maxsize=4096)
def norm(value: float, width: int = 7, digits: int = 3) -> str:
    """A number that has no sign in at most ``width`` cells, at least 5: so many significant digits where they fit.

    Zeros at its end are kept, so that what stands beside each other has as many digits.

    >>> norm(0.0343), norm(0.0343, 5), norm(20.38), norm(3.432e-4), norm(12345.6), norm(9.996)
    ('0.0343', '0.034', '20.4', '3.43e−4', '1.23e4', '10.0')
    >>> norm(0.028, 9, 4), norm(0.003711, 9, 4), norm(7.2, 9, 4), norm(0.00037114, 9, 4)
    ('0.02800', '0.003711', '7.200', '3.711e−4')
    """
    if not math.isfinite(value) or value == 0:
        return plain(value)
    if not 1e-3 <= value < 1e4:
        return _exponent(value, width, digits)
    power = int(f"{value:.{digits - 1}e}".partition("e")[2])
    return f"{value:.{min(max(digits - 1 - power, 0), width - 2)}f}"


def probability(value: float) -> str:
    """A probability in three cells: ``.45``, ``1.0``; below a half percent ``.00``.

    >>> probability(0.449), probability(0.996)
    ('.45', '1.0')
    """
    if not math.isfinite(value):
        return "NaN"
    text = f"{value:.2f}"
    return text[1:] if text.startswith("0") else text[:3]


def colour_bin(value: float, scale: float) -> int:
    """Which of the bins −BINS..BINS a value falls into, 0 for zero; ``scale`` is the value of full colour."""
    if value == 0 or not math.isfinite(value) or scale <= 0:
        return 0
    # The quotient of a very small number may be 0; its sign is shown all the same.
    size = min(max(math.ceil(BINS * min(abs(value) / scale, 1.0)), 1), BINS)
    return -size if value < 0 else size


def sign_glyph(value: float) -> str:
    """One cell that tells the sign without colour: ``+``, ``−``, ``0``, ``?`` for NaN."""
    if math.isnan(value):
        return "?"
    return "0" if value == 0 else _SIGNS[value < 0]
