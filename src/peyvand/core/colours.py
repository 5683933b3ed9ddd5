"""A workspace's colour: one brand colour corrected into the eight accent variables of the design, light and dark.
Called by workspaces and surveys.
"""

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from django.utils.translation import gettext as _

Theme = Literal["light", "dark"]
DEFAULT: Final = "#0f6764"

# page, rail, surface, surface-2, surface-3, overlay of tokens.css: what the accent may stand on
SURFACES: Final[Mapping[Theme, tuple[str, ...]]] = {
    "light": ("#f5f2ed", "#ede9e2", "#fffefc", "#f7f4ef", "#ebe6de", "#fffefc"),
    "dark": ("#161412", "#110f0e", "#1f1c19", "#282420", "#37322c", "#2a2622"),
}
VARIABLES: Final = (
    "accent",
    "accent-fill",
    "accent-fill-hover",
    "on-accent",
    "accent-soft",
    "accent-ink",
    "accent-line",
    "accent-band",
)
TEXT: Final = 4.5
GRAPHIC: Final = 3.0
WHITE: Final = "#ffffff"
_STEP: Final = 0.004
_BAND_ALPHA: Final[Mapping[Theme, str]] = {"light": "26", "dark": "2e"}


class ColourError(ValueError):
    """The text is no colour; the message says how to write one, in the reader's language."""


class Oklch(NamedTuple):
    """A colour as lightness 0–1, chroma and hue in radians (Ottosson 2020)."""

    lightness: float
    chroma: float
    hue: float


class Palette(NamedTuple):
    """The eight variables by name (without `--pv-`), for each theme."""

    light: Mapping[str, str]
    dark: Mapping[str, str]

    def css(self) -> str:
        """The style text that sets the eight variables, with the light ones alone for browsers without
        `light-dark()`.
        """
        both = "".join(f"--pv-{name}:light-dark({self.light[name]},{self.dark[name]});" for name in VARIABLES)
        plain = "".join(f"--pv-{name}:{self.light[name]};" for name in VARIABLES)
        return f":root,:host{{{both}}}@supports not (color:light-dark(#fff,#000)){{:root,:host{{{plain}}}}}"


def parse_hex(text: str) -> str:
    """A colour written as `#0f6764`, `0f6764` or `#abc`, in its long lower-case form. Raises ColourError."""
    match = re.fullmatch(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})", text.strip())
    if not match:
        raise ColourError(_("“%(text)s” is not a colour. Write it like #0f6764.") % {"text": text[:20]})
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


@lru_cache(maxsize=256)
def palette(brand: str) -> Palette:
    """The accent variables for one brand colour. Its hue is kept; lightness moves until, in both themes,

    accent and accent-ink reach 4.5:1 on every surface and on accent-soft, on-accent 4.5:1 on the fill and its hover,
    accent-line 3:1. Raises ColourError.
    """
    colour = _to_oklch(parse_hex(brand))
    return Palette(_light(colour), _dark(colour))


def contrast(one: str, other: str) -> float:
    """The WCAG contrast ratio of two opaque colours, 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _light(brand: Oklch) -> dict[str, str]:
    soft = _to_hex(Oklch(0.932, min(brand.chroma, 0.022), brand.hue))
    grounds = (*SURFACES["light"], soft)
    fill = _moved(brand._replace(lightness=min(brand.lightness, 0.56)), (WHITE, *SURFACES["light"]), TEXT, darker=True)
    accent = _moved(fill._replace(lightness=fill.lightness - 0.03), grounds, TEXT + 0.5, darker=True)
    ink = _moved(accent._replace(lightness=accent.lightness - 0.07), grounds, 7.0, darker=True)
    line = _moved(fill._replace(lightness=max(fill.lightness, 0.63), chroma=fill.chroma * 0.8), grounds, GRAPHIC, darker=True)
    hover = fill._replace(lightness=fill.lightness - 0.07)
    return _named("light", accent=accent, fill=fill, hover=hover, ink=ink, line=line, soft=soft)


def _dark(brand: Oklch) -> dict[str, str]:
    soft = _to_hex(Oklch(0.31, min(brand.chroma, 0.04), brand.hue))
    grounds = (*SURFACES["dark"], soft)
    fill = _moved(brand._replace(lightness=min(max(brand.lightness, 0.5), 0.56)), (WHITE,), TEXT, darker=True)
    hover = fill._replace(lightness=fill.lightness - 0.05)
    accent = _moved(
        brand._replace(lightness=max(brand.lightness, 0.78), chroma=min(brand.chroma, 0.11)),
        grounds,
        TEXT + 0.5,
        darker=False,
    )
    ink = _moved(accent._replace(lightness=max(accent.lightness, 0.88), chroma=accent.chroma * 0.6), grounds, 7.0, darker=False)
    line = _moved(
        brand._replace(lightness=min(max(brand.lightness, 0.58), 0.66), chroma=brand.chroma * 0.9),
        grounds,
        GRAPHIC,
        darker=False,
    )
    return _named("dark", accent=accent, fill=fill, hover=hover, ink=ink, line=line, soft=soft)


def _named(theme: Theme, *, soft: str, **colours: Oklch) -> dict[str, str]:
    text = {role: _to_hex(colour) for role, colour in colours.items()}
    banded = text["fill"] if theme == "light" else text["accent"]
    values = (
        text["accent"],
        text["fill"],
        text["hover"],
        WHITE,
        soft,
        text["ink"],
        text["line"],
        banded + _BAND_ALPHA[theme],
    )
    return dict(zip(VARIABLES, values, strict=True))


def _moved(colour: Oklch, grounds: Sequence[str], ratio: float, *, darker: bool) -> Oklch:
    """The nearest colour of that hue, darker or lighter, whose contrast on every ground reaches the ratio; black and
    white end the way.
    """
    moved, hexed = colour, _to_hex(colour)
    while min(contrast(hexed, ground) for ground in grounds) < ratio and 0 < moved.lightness < 1:
        moved = moved._replace(lightness=min(max(moved.lightness + (-_STEP if darker else _STEP), 0.0), 1.0))
        hexed = _to_hex(moved)
    return moved


def _to_oklch(colour: str) -> Oklch:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.atan2(b, a))


def _to_hex(colour: Oklch) -> str:
    """The colour in sRGB; chroma too strong for the gamut is lowered, hue and lightness stay."""
    lightness = min(max(colour.lightness, 0.0), 1.0)
    chroma = colour.chroma
    channels = _to_linear(lightness, chroma, colour.hue)
    if not _in_gamut(channels):
        low, high = 0.0, chroma
        for _step in range(16):
            chroma = (low + high) / 2
            if _in_gamut(_to_linear(lightness, chroma, colour.hue)):
                low = chroma
            else:
                high = chroma
        channels = _to_linear(lightness, low, colour.hue)
    return "#" + "".join(f"{round(255 * _gamma(min(max(channel, 0.0), 1.0))):02x}" for channel in channels)


def _to_linear(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(channels: tuple[float, float, float]) -> bool:
    return all(-1e-4 <= channel <= 1 + 1e-4 for channel in channels)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> list[float]:
    return [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _gamma(channel: float) -> float:
    return channel * 12.92 if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055
