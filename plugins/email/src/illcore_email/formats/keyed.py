"""Structured mails as text: one field a line; further lines are indented, so that no text can pass for a field."""

import re

from .kinds import FORM_MESSAGE, FORM_REQUEST, gsm_heading
from .names import BY_FIELD
from .sheet import Sheet

INDENT = "  "
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """The text without control characters and overrides of the writing direction."""
    return _CONTROLS.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n"))


def gsm(kind: str, sheet: Sheet, extra: Sheet = ()) -> str:
    """A generic script message: its identifier, then `TAG:text` lines."""
    lines = [gsm_heading(kind)]
    lines += [_line(f"{BY_FIELD[field].gsm}:", text) for field, text in (*sheet, *extra) if BY_FIELD[field].gsm]
    return "\n".join(lines) + "\n"


def form(kind: str, sheet: Sheet, heading: str) -> str:
    """A form as of IFLA and ALA: a heading, what the message is, then `Label: text` lines in both languages."""
    lines = [FORM_REQUEST if kind in ("request", "retry_request") else FORM_MESSAGE, heading, ""]
    for field, text in sheet:
        name = BY_FIELD[field]
        label = name.en if name.en == name.zh else f"{name.en} {name.zh}"
        if label:
            lines.append(_line(f"{label}: ", text))
    return "\n".join(lines) + "\n"


def artemail(kind: str, sheet: Sheet, extra: Sheet) -> str:
    """Keyed lines in the manner of ARTEmail: what is asked, customer code and password first, then `KEY=text`."""
    lines = [f"MESSAGE={kind.upper()}"]
    lines += [_line(f"{BY_FIELD[field].art}=", text) for field, text in (*extra, *sheet) if BY_FIELD[field].art]
    return "\n".join(lines) + "\n"


def _line(key: str, text: str) -> str:
    return key + f"\n{INDENT}".join(part.strip() for part in clean(text).strip().split("\n"))
