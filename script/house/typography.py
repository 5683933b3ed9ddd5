"""Faults of Persian typography and of placeholders in one translated text. Called by `house.messages`."""

import re
from collections import Counter

_ZWNJ = "\u200c"
_LETTER = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئءأؤۀ"
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdif]|\{\w*(?:[.!:][^{}]*)?\}")
_NOT_PROSE = re.compile(rf"{_PLACEHOLDER.pattern}|<[^<>]*>|&\w+;|https?://\S+|\S+@\S+|`[^`]*`|[\w./-]*[A-Za-z][\w./:-]*", re.ASCII)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("[يىك]"), "an Arabic yeh or kaf: write ی and ک"),
    (re.compile("[٠-٩]"), "an Arabic digit: write ۰–۹"),
    (re.compile("[0-9]"), "a Latin digit: write ۰–۹"),
    (re.compile("ـ"), "a tatweel"),
    (re.compile(rf"(?:^|[^{_LETTER}])ن?می +[{_LETTER}]"), "«می» needs a half-space, not a space"),
    (re.compile(rf"[{_LETTER}] +(?:ها|های|هایی|هایم|هایش|ترین)(?:[^{_LETTER}]|$)"), "a suffix needs a half-space, not a space"),
    (re.compile(rf"ه{_ZWNJ}ی(?:[^{_LETTER}{_ZWNJ}]|$)"), "the ezafe after ه is written هٔ"),
    (re.compile("ۀ"), "write هٔ (heh and hamza above) instead of ۀ"),
    (re.compile(r"""["'“”‘’]"""), "quotation marks are « »"),
    (re.compile(rf"[{_LETTER}۰-۹»)][,;?]|[,;?] *[{_LETTER}]"), "Persian punctuation is ، ؛ ؟"),
    (re.compile("[۰-۹] ?%"), "the percent sign beside Persian digits is ٪"),
    (re.compile(r"\.\.\."), "three dots are one ellipsis …"),
    (re.compile("!"), "no exclamation marks"),
    (re.compile(rf" {_ZWNJ}|{_ZWNJ} |{_ZWNJ}{_ZWNJ}"), "a half-space beside a space or another half-space"),
    (re.compile(rf"[{_LETTER}»)] +[،؛؟.:](?:\s|$)"), "a space before punctuation"),
    (re.compile(rf"[،؛؟][{_LETTER}«]"), "no space after punctuation"),
    (re.compile(r"\S  +\S"), "two spaces"),
)


def typography_faults(text: str) -> list[str]:
    """Name what is wrong in a Persian text; placeholders, markup, addresses and Latin words are not looked at."""
    prose = _NOT_PROSE.sub("\ufffc", text)
    return [complaint for pattern, complaint in _RULES if pattern.search(prose)]


def placeholder_faults(source: str, translated: str) -> list[str]:
    """Say which placeholders one of the two texts has and the other lacks."""
    ours, theirs = (Counter(_PLACEHOLDER.findall(text.replace("%%", ""))) for text in (source, translated))
    faults = [f"placeholder {name} is missing" for name in sorted((ours - theirs).elements())]
    return faults + [f"placeholder {name} is not in the English text" for name in sorted((theirs - ours).elements())]


def edge_faults(source: str, translated: str) -> list[str]:
    """Say when the two texts do not begin and end with the same white space."""
    faults = []
    if source[: len(source) - len(source.lstrip())] != translated[: len(translated) - len(translated.lstrip())]:
        faults.append("begins with other white space than the English text")
    if source[len(source.rstrip()) :] != translated[len(translated.rstrip()) :]:
        faults.append("ends with other white space than the English text")
    return faults
