"""Numbers as text: exact widths, and never a sign, digit or exponent that is not so."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from bptt_viz.formatting import BINS, colour_bin, fixed, least_width, plain, probability, sign_glyph, signed

#: Of every order of magnitude, besides what hypothesis likes.
spread = st.builds(lambda digits, power: digits * 10.0**power, st.floats(-10, 10), st.integers(-12, 9))
rounding_up = st.integers(-320, 308).map(lambda power: float(f"9.9995e{power}"))
anything = st.floats() | st.floats(-1e4, 1e4) | spread | rounding_up
finite = anything.filter(math.isfinite)
widths = st.integers(5, 14)


def read(text: str) -> tuple[Fraction, Fraction]:
    """A shown number, and half a unit of its last digit: exact, as 2e308 is no float any more."""
    found = re.fullmatch(r"\s*([+−]?)(\d+(?:\.(\d+))?)(?:e(−?\d+))?", text)
    assert found, text
    sign, digits, decimals, power = found.groups()
    unit = Fraction(10) ** (int((power or "0").replace("−", "-")) - len(decimals or ""))
    value = int(digits.replace(".", "")) * unit
    return (-value if sign == "−" else value), unit / 2


def is_true(text: str, value: float) -> bool:
    """Whether the number shown is the value, rounded to the digits shown."""
    shown, half = read(text)
    return abs(shown - Fraction(value)) <= half


@given(value=anything, width=widths)
@example(value=-0.0, width=5)
@example(value=5e-324, width=5)
@example(value=-1.7e308, width=5)
@example(value=9.99999e99, width=5)
@example(value=99999.5, width=6)
def test_a_fixed_number_has_its_width(value: float, width: int) -> None:
    assert cell_len(fixed(value, width)) == width == len(fixed(value, width))


@given(value=finite, width=widths)
@example(value=0.9996, width=5)
@example(value=-999.96, width=6)
@example(value=1e-5, width=5)
def test_a_fixed_number_is_true(value: float, width: int) -> None:
    text = fixed(value, width).strip()
    if value == 0:
        assert text == "0"
        return
    assert text[0] == ("−" if value < 0 else "+")
    if text[1] == "e":
        # No room for more than the exponent.
        assert width == 5
        assert math.isclose(math.log10(abs(value)), int(text[2:]) + 0.5, abs_tol=0.53)
        assert int(text[2:]) >= 100
    elif not re.search("[1-9]", text):
        assert abs(value) < 1e-9
    else:
        assert is_true(text, value)


@given(value=anything)
@example(value=9.4e99)
@example(value=9.6e99)
@example(value=-1.7e308)
def test_a_large_number_has_a_digit_in_its_least_width(value: float) -> None:
    width = least_width(value)
    assert width in (5, 6)
    assert fixed(value, width)[1] != "e"
    assert (width == 6) == (fixed(value, 5)[1] == "e")


@given(value=st.floats(min_value=1e-9, max_value=1e9), other=st.floats(min_value=1e-9, max_value=1e9), width=widths)
def test_a_larger_number_never_reads_as_a_smaller_one(value: float, other: float, width: int) -> None:
    low, high = sorted((value, other))
    assert read(fixed(low, width))[0] <= read(fixed(high, width))[0]
    assert read(plain(low))[0] <= read(plain(high))[0]


@given(value=finite)
@example(value=999999.99996)
@example(value=0.0001)
@example(value=3e-5)
@example(value=9.99996e-5)
@example(value=-5e-324)
def test_plain_and_signed_numbers_are_true(value: float) -> None:
    assert is_true(plain(value), value)
    assert plain(value).startswith("−") == (value < 0)
    assert " " not in plain(value)
    if "." in plain(value) and "e" not in plain(value):
        assert plain(value)[-1] not in "0."
    assert (plain(value) == "0") == (value == 0)
    assert signed(value) == (plain(value) if value < 0 else f"+{plain(value)}")


@pytest.mark.parametrize(("value", "texts"), [
    (math.nan, ("  NaN", "NaN", "NaN", "NaN", "?")),
    (math.inf, ("   +∞", "∞", "+∞", "NaN", "+")),
    (-math.inf, ("   −∞", "−∞", "−∞", "NaN", "−")),
    (0.0, ("    0", "0", "+0", ".00", "0")),
    (0.5, ("+0.50", "0.5", "+0.5", ".50", "+")),
    (1e12, ("+1e12", "1.00e12", "+1.00e12", None, "+")),
    (-3.2e-7, ("−3e−7", "−3.20e−7", "−3.20e−7", None, "−")),
])  # fmt: skip
def test_examples(value: float, texts: tuple[str | None, ...]) -> None:
    in_five, at_its_width, with_sign, chance, glyph = texts
    assert (fixed(value, 5), plain(value), signed(value), sign_glyph(value)) == (
        in_five,
        at_its_width,
        with_sign,
        glyph,
    )
    assert chance in (None, probability(value))


@given(value=st.floats(0, 1))
def test_probabilities(value: float) -> None:
    text = probability(value)
    assert len(text) == 3
    # One is shown to a decimal only, which 0.995 and more round to.
    assert abs(float(text) - value) <= 0.005 + 1e-12
    assert probability(1.0) == "1.0"


@given(value=anything, scale=st.floats(0, 1e300, allow_nan=False))
@example(value=-1e-219, scale=1e105)
def test_colour_bins(value: float, scale: float) -> None:
    found = colour_bin(value, scale)
    assert -BINS <= found <= BINS
    if math.isfinite(value) and value != 0 and scale > 0:
        assert (found < 0) == (value < 0)
        assert colour_bin(-value, scale) == -found
        assert abs(found) == BINS or abs(value) < scale
    else:
        assert found == 0


@given(value=anything)
def test_a_glyph_tells_the_sign_in_one_cell(value: float) -> None:
    glyph = sign_glyph(value)
    assert cell_len(glyph) == 1
    assert glyph == ("?" if math.isnan(value) else "0" if value == 0 else "−" if value < 0 else "+")
