"""A workspace's colour: whatever brand colour is chosen, every promise of contrast holds."""

import math
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peyvand.core import colours

HEXES = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
TOKENS = Path(__file__).parents[4] / "frontend" / "styles" / "tokens.css"


@settings(max_examples=150, deadline=None)
@given(HEXES)
@example("#ffff00")
@example("#ffffff")
@example("#000000")
@example("#00ff00")
@example("#0000ff")
@example("#ff0000")
@example("#b4532f")
def test_every_promise_of_contrast_holds_for_every_colour(brand):
    for theme, variables in zip(("light", "dark"), colours.palette(brand), strict=True):
        grounds = (*colours.SURFACES[theme], variables["accent-soft"])
        for ground in grounds:
            assert colours.contrast(variables["accent"], ground) >= 4.5
            assert colours.contrast(variables["accent-ink"], ground) >= 4.5
            assert colours.contrast(variables["accent-line"], ground) >= 3
        for fill in ("accent-fill", "accent-fill-hover"):
            assert colours.contrast(variables["on-accent"], variables[fill]) >= 4.5
        assert list(variables) == list(colours.VARIABLES)


@settings(max_examples=150, deadline=None)
@given(HEXES)
def test_the_hue_is_kept(brand):
    before = colours._to_oklch(brand)
    if before.chroma < 0.06:
        return
    for variables in colours.palette(brand):
        after = colours._to_oklch(variables["accent-fill"])
        turned = math.remainder(after.hue - before.hue, 2 * math.pi)
        assert abs(math.degrees(turned)) < 6 or after.chroma < 0.02


def test_a_good_colour_is_taken_as_it_is():
    assert colours.palette("#0f6764").light["accent-fill"] == "#0f6764"
    assert colours.palette("#000000").light["accent-fill"] == "#000000"


def test_a_pale_colour_gets_dark_enough_to_read():
    assert colours.palette("#ffff00").light["accent-fill"] == "#6b6b00"


@pytest.mark.parametrize(("written", "colour"), [("#0F6764", "#0f6764"), ("0f6764", "#0f6764"), (" #abc ", "#aabbcc")])
def test_a_colour_is_read(written, colour):
    assert colours.parse_hex(written) == colour


@pytest.mark.parametrize("written", ["", "teal", "#12", "#1234567", "#gggggg", "red;}", "۱۲۳۴۵۶", "#0f6764\n}"])
def test_what_is_no_colour_is_named(written, english):
    with pytest.raises(colours.ColourError, match="is not a colour"):
        colours.parse_hex(written)


def test_contrast_of_known_pairs():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_the_style_sets_eight_variables_and_nothing_else():
    css = colours.palette("#b4532f").css()
    assert len(re.findall(r"--pv-[a-z-]+:light-dark\(#[0-9a-f]{6,8},#[0-9a-f]{6,8}\);", css)) == 8
    assert len(re.findall(r"--pv-[a-z-]+:#[0-9a-f]{6,8};", css)) == 8
    assert (
        re.sub(r"--pv-(?:accent(?:-[a-z-]+)?|on-accent):[^;]+;", "", css)
        == ":root,:host{}@supports not (color:light-dark(#fff,#000)){:root,:host{}}"
    )


def test_the_surfaces_are_those_of_the_tokens():
    css = TOKENS.read_text(encoding="utf-8")
    for place, name in enumerate(("page", "rail", "surface", "surface-2", "surface-3", "overlay")):
        light, dark = re.search(rf"--pv-{name}: light-dark\((#[0-9a-f]+), (#[0-9a-f]+)\)", css).groups()
        assert (colours.SURFACES["light"][place], colours.SURFACES["dark"][place]) == (light, dark)
