"""Persian text: a light form to show and analyse, a key to search by, digits, initials. Called wherever people's
words come in or are looked up.
"""

import re
import unicodedata
from typing import Final

PERSIAN_DIGITS: Final = "۰۱۲۳۴۵۶۷۸۹"
ARABIC_DIGITS: Final = "٠١٢٣٤٥٦٧٨٩"
LATIN_DIGITS: Final = "0123456789"
ZWNJ: Final = "\u200c"
HAMZA_ABOVE: Final = "\u0654"

_Table = dict[int, str | None]


def _pairs(letters: str, folded: str) -> _Table:
    return dict(zip(map(ord, letters), folded, strict=True))


def _characters(*spans: tuple[int, int]) -> list[int]:
    return [code for first, last in spans for code in range(first, last + 1)]


def _presentation_forms() -> _Table:
    """Letters in their joined shapes, as old PDF files and some spreadsheets carry them, and the letters meant."""
    forms = _characters((0xFB50, 0xFDC7), (0xFDF0, 0xFDFC), (0xFE70, 0xFEFC))
    folded = {code: unicodedata.normalize("NFKC", chr(code)) for code in forms if unicodedata.category(chr(code)) != "Cn"}
    return {code: letters.translate(_LETTERS).strip() for code, letters in folded.items()}


_LETTERS: Final[_Table] = {
    **_pairs("يىېكڪەہھٶ", "یییککهههؤ"),
    ord("ۀ"): "ه" + HAMZA_ABOVE,
    **_pairs(ARABIC_DIGITS, PERSIAN_DIGITS),
    # harakat, Koranic signs and tatweel; hamza above (U+0654) stays, it is the ezafe of «خانهٔ»
    **dict.fromkeys(
        _characters(
            (0x0610, 0x061A),
            (0x064B, 0x0653),
            (0x0655, 0x065F),
            (0x0670, 0x0670),
            (0x06D6, 0x06DC),
            (0x06DF, 0x06E4),
            (0x0640, 0x0640),
        )
    ),
}
_INVISIBLE: Final[_Table] = {
    # control characters but tab and line ends, soft hyphen, zero-width space, bidi marks, word joiner, byte-order mark
    **dict.fromkeys(_characters((0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x061C, 0x061C))),
    **dict.fromkeys(
        _characters((0x200B, 0x200B), (0x200E, 0x200F), (0x202A, 0x202E), (0x2060, 0x2069), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB))
    ),
    **dict.fromkeys(_characters((0xD800, 0xDFFF)), "\ufffd"),  # lone surrogates cannot be stored as UTF-8
    **dict.fromkeys([0x85, 0x2028, 0x2029], "\n"),
    0x0D: "\n",
    **dict.fromkeys([0x09, 0x1680, 0x202F, 0x205F, 0x3000, 0xA0, *range(0x2000, 0x200B)], " "),
}
_LIGHT: Final[_Table] = {**_presentation_forms(), **_LETTERS, **_INVISIBLE}
_KEY: Final[_Table] = {
    **_LIGHT,
    **_pairs("ةأإٱآؤٶئۀۂۓ", "هااااوویههی"),
    **_pairs(PERSIAN_DIGITS + ARABIC_DIGITS, LATIN_DIGITS * 2),
    ord(HAMZA_ABOVE): None,
    **dict.fromkeys(map(ord, ZWNJ + "\u200d\n\t\r\u0085\u2028\u2029"), " "),
}
_TO_LATIN: Final = str.maketrans(PERSIAN_DIGITS + ARABIC_DIGITS, LATIN_DIGITS * 2)
_TO_PERSIAN: Final = str.maketrans(LATIN_DIGITS + ARABIC_DIGITS, PERSIAN_DIGITS * 2)

_LONG_RUN: Final = re.compile(r"(.)\1\1+")
_SPACES: Final = re.compile(r"  +")
_LINE_ENDS: Final = re.compile(r" ?\n[ \n]*")
_HALF_SPACES: Final = re.compile(r"\u200c+")
_WORD: Final = re.compile(r"[^\s،؛؟«»!?,;()\[\]{}\"]+")

SUFFIXES: Final = ("هایی", "های", "ها", "ترین", "تر")
_LOOSE_SUFFIXES: Final = frozenset((*SUFFIXES, "ی", "ای", "ام", "ات", "اش"))
_TERMS: Final = 8
_TERM_LENGTH: Final = 64


def tidy(text: str) -> str:
    """The light form in which names and values are kept: one yeh and kaf, Persian digits for Arabic ones, no tatweel, harakat,
    bidi marks or control characters. Half-spaces and lines stay. Idempotent.
    """
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if not (text.isascii() and text.isprintable()):
        text = text.replace("\r\n", "\n").translate(_LIGHT)
    if "  " in text:
        text = _SPACES.sub(" ", text)
    if ZWNJ in text:
        text = _HALF_SPACES.sub(_between_letters, text)
    if "\n" in text:
        text = _LINE_ENDS.sub(_line_end, text)
    return text.strip()


def shown(text: str) -> str:
    """The form of what people write in which it is analysed: tidy, and at most two of a letter in a row. Idempotent."""
    return _LONG_RUN.sub(_shorter, tidy(text))


def search_key(text: str) -> str:
    """The form two spellings share: words apart by one space, lower case, Latin digits, hamza and madda folded,
    half-space as a space. Idempotent.
    """
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return " ".join(_LONG_RUN.sub(_shorter, text.translate(_KEY).casefold()).split())


def joined_key(text: str) -> str:
    """The search key without spaces, for a trigram index: there «می‌روم», «می روم» and «میروم» are one string."""
    return search_key(text).replace(" ", "")


def search_terms(query: str) -> list[str]:
    """What to look for: keys of the words without plural and comparative endings, at most 8; each must occur in the
    `joined_key` of what is found.
    """
    words = _WORD.findall(search_key(query))
    kept = [word for word in words if word not in _LOOSE_SUFFIXES] or words
    return list(dict.fromkeys(_stem(word)[:_TERM_LENGTH] for word in kept))[:_TERMS]


def found(query: str, text: str) -> bool:
    """Whether a search for `query` finds `text`: the rule the indexes of both databases follow."""
    key = joined_key(text)
    return all(term in key for term in search_terms(query))


def to_latin_digits(text: str) -> str:
    """Persian and Arabic digits as 0–9, everything else untouched."""
    return text if text.isascii() else text.translate(_TO_LATIN)


def to_persian_digits(text: str) -> str:
    """Latin and Arabic digits as ۰–۹, everything else untouched."""
    return text.translate(_TO_PERSIAN)


def with_ezafe(words: str) -> str:
    """Words that another follows, written as they are read: ۵۰ دقیقه → ۵۰ دقیقهٔ. Other endings carry no sign."""
    return f"{words}\u0654" if words.endswith("ه") else words


def initials(name: str) -> str:
    """First letters of the first and the last word: «ن‌ص» with a half-space between so that they do not join, "PR" in
    Latin, "" of nothing.
    """
    words = [word for word in (part.lstrip("\u200c\u200d\"'«(-.") for part in shown(name).split()) if word]
    if not words:
        return ""
    letters = [words[0][0]] if len(words) == 1 else [words[0][0], words[-1][0]]
    if all(letter.isascii() for letter in letters):
        return "".join(letters).upper()
    return ZWNJ.join(letter.upper() for letter in letters)


def _shorter(match: re.Match[str]) -> str:
    """Two of a letter written three times or more; digits, dots and emoji keep their number."""
    return match[1] * 2 if match[1].isalpha() else match[0]


def _between_letters(match: re.Match[str]) -> str:
    """One half-space where it stands between parts of a word, none elsewhere."""
    text, start, end = match.string, match.start(), match.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    return ZWNJ if (before.isalnum() or before == HAMZA_ABOVE) and after.isalnum() else ""


def _line_end(match: re.Match[str]) -> str:
    return "\n\n" if match[0].count("\n") > 1 else "\n"


def _stem(word: str) -> str:
    for suffix in SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word
