"""Every text a template shows goes through gettext; nothing inline, nothing that knows left from right."""

import re
from html.parser import HTMLParser

from tests.architecture.source import PACKAGE, ROOT, report

TRANSLATED_BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
COMMENT = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}|<!--.*?-->", re.DOTALL)
ATTRIBUTES = re.compile(r"{%\s*block \w*attributes\s*%}(.*?){%\s*endblock.*?%}", re.DOTALL)  # they stand inside a tag of the parent
ALONE = re.compile(r"""{%\s*include\s+"(?P<name>[^"]+)"(?P<given>[^%]*)\bonly\s*%}""")
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
SHOWN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription", "label", "content"}
MACHINE_META = {"htmx-config", "viewport", "theme-color", "color-scheme", "robots", "referrer", "generator"}
MARKED = re.compile(r"\|\s*safe(?:seq)?\b|{%\s*autoescape\s+off")
WORD = re.compile(r"[^\W\d_]{2,}")
NOT_TEXT = {"script", "style", "code", "pre", "kbd", "samp"}
NAMES = {"Peyvand", "NPS", "CSAT", "CES", "API", "CSV", "XLSX", "Parquet", "NDJSON", "English", "فارسی"}  # the same in every language


class Shown(HTMLParser):
    """Collects what a person would see or hear."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.inline: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag, attrs):
        self._open.append(tag)
        values = dict(attrs)
        for name, value in attrs:
            if (
                name in SHOWN_ATTRIBUTES
                and value
                and not (tag == "meta" and (values.get("name") in MACHINE_META or "http-equiv" in values))
            ):
                self.texts.append(value)
            if name.startswith("on") or (name == "style" and value and not value.strip().startswith("--")):
                self.inline.append(f"{tag} {name}={value!r}")
        if tag == "script" and "src" not in values and values.get("type") not in {"application/json", "application/ld+json"}:
            self.inline.append("script without src")

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if not NOT_TEXT & set(self._open):
            self.texts.append(data)


def _templates():
    for path in sorted(PACKAGE.glob("*/templates/**/*.html")):
        source = path.read_text(encoding="utf-8")
        yield path.relative_to(ROOT), source


def _shown(source: str) -> Shown:
    source = ATTRIBUTES.sub(r"<span \1>", source)
    for pattern in (TRANSLATED_BLOCK, COMMENT, TAG):
        source = pattern.sub(_blank, source)
    shown = Shown()
    shown.feed(source)
    return shown


def test_every_text_is_translated():
    faults = [
        f"{path}: {' '.join(text.split())[:80]!r}"
        for path, source in _templates()
        for text in _shown(source).texts
        if set(WORD.findall(text)) - NAMES
    ]
    report(faults, "A text in a template stands in {% translate %} or {% blocktranslate %}.")


def test_nothing_is_inline():
    faults = [f"{path}: {what}" for path, source in _templates() for what in _shown(source).inline]
    report(faults, "The content security policy forbids inline scripts, event attributes and styles; custom properties are allowed.")


PHYSICAL = re.compile(
    r"(?<![\w-])(?:margin|padding|border|inset)-(?:left|right)\b|(?<![\w-])(?:left|right)\s*:|text-align\s*:\s*(?:left|right)|float\s*:"
)


def test_styles_know_no_left_or_right():
    faults = []
    for path in sorted((ROOT / "frontend").rglob("*.css")):
        if "node_modules" in path.parts:
            continue
        lines = re.sub(r"/\*(?!\s*physical:).*?\*/", _blank, path.read_text(encoding="utf-8"), flags=re.DOTALL).splitlines()
        faults += [
            f"{path.relative_to(ROOT)}:{n} {line.strip()[:60]}"
            for n, line in enumerate(lines, 1)
            if PHYSICAL.search(line) and "physical:" not in line
        ]
    report(faults, "Start and end, not left and right; where a thing really has sides, say why in a `/* physical: … */` comment.")


def _blank(found: re.Match[str]) -> str:
    return "\n" * found.group(0).count("\n")


def test_forms_keep_their_token_where_only_cuts_the_context():
    sources = {str(path).partition("/templates/")[2]: source for path, source in _templates()}
    faults = [
        f"{path}: {included['name']}"
        for path, source in _templates()
        for included in ALONE.finditer(source)
        if "csrf_token=csrf_token" not in included["given"] and "{% csrf_token %}" in sources.get(included["name"], "")
    ]
    report(faults, "A part with a form gets `csrf_token=csrf_token` where it is included with `only`; without it every post is refused.")


def test_no_template_takes_a_text_for_markup():
    faults = [f"{path}: {found[0]}" for path, source in _templates() for found in MARKED.finditer(COMMENT.sub(_blank, source))]
    report(faults, "Whatever a text says, somebody may have written it. Make markup in Python, by format_html, which escapes its parts.")
