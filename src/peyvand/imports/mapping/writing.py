"""Writes the TOML of a map from simple choices, so that the wizard and a hand-written map are one thing. Called by the wizard's form."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from peyvand.imports.mapping.guessing import usual_attribute

SCALES: Final = {"rating": [1, 5], "csat": [1, 5], "nps": [0, 10], "ces": [1, 7]}
CODE_LENGTH: Final = 60
IDENTITIES: Final = ("own_id", "phone", "email")
DIMENSIONS: Final = ("product", "branch", "department", "channel", "stage", "employee")
FURTHER: Final = ("_2", "_3")  # how the choices of a second and a third score are called
ORDERS: Final = ("order.placed", "order.cancelled", "order.refunded", "order.delivered")


def written_map(choices: Mapping[str, Any], *, digest: str) -> str:
    """A map of one rule. `digest` stands for the file in external ids where no column names the row."""
    lines = [f"source = {_text(choices['source'])}"]
    lines += [f"{name} = {_text(choices[name])}" for name in ("calendar", "order", "unit") if choices.get(name)]
    lines += ["", "[customer]"]
    known = ", ".join(f"{kind} = {_text(choices[kind])}" for kind in IDENTITIES if choices.get(kind))
    lines.append(f"identities = {{ {known} }}" if known else "identities = {}")
    if choices.get("name"):
        lines.append(f"name = {_text(choices['name'])}")
    if choices.get("attributes"):
        facts = ", ".join(f"{_text(code)} = {_text(column)}" for code, column in _attributes(choices["attributes"]).items())
        lines.append(f"attributes = {{ {facts} }}")
    lines += ["", "[[interactions]]", f"kind = {_text(choices['kind'])}", f"occurred_at = {_text(choices['occurred_at'])}"]
    lines += _about(choices, digest)
    felt = [_perception(choices)] if choices.get("score") or choices.get("comment") else []
    felt += [_perception(one) for suffix in FURTHER if (one := _further(choices, suffix)).get("score")]
    if felt:
        lines.append(f"perceptions = [{', '.join(felt)}]")
    return "\n".join(lines) + "\n"


def read_choices(text: str, *, digest: str) -> dict[str, Any]:
    """The choices a map was written from, to be shown again; nothing for a map that was written in another way."""
    try:
        found = tomllib.loads(text)
        rule, customer = found["interactions"][0], found["customer"]
        template = rule["external_id"].removeprefix(f"{rule['kind']} ")
        several = rule.get("perceptions") or [{}]
        felt = several[0]
        choices = {
            **{name: found.get(name) for name in ("source", "calendar", "order", "unit")},
            **{name: customer["identities"].get(name) for name in IDENTITIES},
            **{name: rule.get(name) for name in (*DIMENSIONS, "amount", "kind", "occurred_at")},
            "name": customer.get("name"),
            "attributes": list(customer.get("attributes", {}).values()),
            "external_id": template[1:-1] if template.startswith("{") else rule.get("properties", {}).get("number"),
            "touchpoint": rule.get("touchpoint", {}).get("constant"),
            **_score_of(felt),
            "comment": felt.get("text"),
            **{f"{name}{suffix}": said for suffix, one in zip(FURTHER, several[1:], strict=False) for name, said in _score_of(one).items()},
        }
        kept = {name: value for name, value in choices.items() if value}
        return kept if written_map(kept, digest=digest) == text else {}
    except (tomllib.TOMLDecodeError, LookupError, TypeError, AttributeError):
        return {}


def _further(choices: Mapping[str, Any], suffix: str) -> dict[str, Any]:
    """The choices of a further score under the names of the first."""
    return {name: choices.get(f"{name}{suffix}") for name in ("score", "measure", "scale")}


def _score_of(felt: Mapping[str, Any]) -> dict[str, Any]:
    return {"measure": felt.get("measure"), "scale": _scale_said(felt), "score": felt.get("value")}


def _about(choices: Mapping[str, Any], digest: str) -> list[str]:
    number = choices.get("external_id")
    # Braces in a column's name cannot stand in a template; such a file is told by its rows.
    usable = number and not set("{}") & set(number)
    template = f"{choices['kind']} {{{number}}}" if usable else f"{digest[:12]} {{#}}"
    lines = [f"external_id = {_text(template)}"]
    if number and choices["kind"] in ORDERS:
        lines += [f'subject = {{ type = "order", id = {_text(number)} }}', f"properties = {{ number = {_text(number)} }}"]
    lines += [f"{name} = {_text(choices[name])}" for name in (*DIMENSIONS, "amount") if choices.get(name)]
    if choices.get("touchpoint"):
        lines.append(f"touchpoint = {{ constant = {_text(choices['touchpoint'])} }}")
    return lines


def _perception(choices: Mapping[str, Any]) -> str:
    measure = choices.get("measure") or "rating"
    parts = [f"measure = {_text(measure)}"]
    if choices.get("score"):
        low, high = choices["scale"].split("-") if choices.get("scale") else SCALES[measure]
        parts += [f"value = {_text(choices['score'])}", f"scale = [{low}, {high}]"]
    if choices.get("comment"):
        parts.append(f"text = {_text(choices['comment'])}")
    return f"{{ {', '.join(parts)} }}"


def _scale_said(felt: Mapping[str, Any]) -> str:
    """The scale as a choice; empty where it is the usual one of its measure."""
    scale = felt.get("scale")
    return f"{scale[0]}-{scale[1]}" if scale and scale != SCALES.get(str(felt.get("measure"))) else ""


def _attributes(columns: Sequence[str]) -> dict[str, str]:
    """What attributes of the customer are called in records: city for شهر, another column by its own name."""
    found: dict[str, str] = {}
    for column in columns:
        code = usual_attribute(column) or column[:CODE_LENGTH]
        found[code if code not in found else f"{column[: CODE_LENGTH - 4]} {len(found)}"] = column
    return found


def _text(value: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's too, but for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
