"""The readable letter: plain text and HTML from the same words, in the partner's language, with its own wording."""

import re
from collections.abc import Mapping, Sequence
from html import escape
from string import Template as Dollars
from typing import Literal, NamedTuple

from ..config import Template, Templates
from ..formats.keyed import clean
from ..formats.names import BY_FIELD
from ..formats.sheet import Sheet
from .texts import CLOSING, GREETING, HIDDEN_IN_LETTERS, HINT, LEADS, SERVICES, SUBJECTS, TEXT


class Letter(NamedTuple):
    """A letter's subject, plain text and HTML."""

    subject: str
    text: str
    html: str


def write_letter(
    kind: str,
    sheet: Sheet,
    language: str,
    library: str,
    service: str = "",
    templates: Sequence[Templates] = (),
    more: Mapping[str, str] | None = None,
) -> Letter:
    """A letter of this kind. `templates` hold own wordings, the more particular first; `more` are further words."""
    column = 1 if language == "zh" else 0
    spoken: Literal["en", "zh"] = "zh" if language == "zh" else "en"
    own = [found for each in templates if (found := each.get(kind, {}).get(spoken))]
    words = _words(sheet, language, library, SERVICES.get(service, SERVICES[""])[column], more or {})
    subject = _chosen(own, "subject") or SUBJECTS[kind][column]
    lead = _chosen(own, "lead") or LEADS[kind][column]
    words["lead"] = _filled(lead, words)
    text = _squeezed(_filled(_chosen(own, "text") or TEXT, words))
    page = _chosen(own, "html")
    html = (
        _filled(page, {name: escape(word) for name, word in words.items()}) if page else _html(words, sheet, language)
    )
    return Letter(" ".join(_filled(subject, words).split()), text, html)


def _words(sheet: Sheet, language: str, library: str, service: str, more: Mapping[str, str]) -> dict[str, str]:
    words = dict.fromkeys((name for name in BY_FIELD), "")
    words |= {field: clean(text) for field, text in reversed(sheet)}
    note = words["note"]
    words |= {
        "title": words["title_of_component"] or words["title"],
        "service": service,
        "greeting": GREETING.best(language),
        "closing": CLOSING.best(language),
        "hint": HINT.best(language),
        "library": library,
        "details": "\n".join(f"{label}: {text}" for label, text in _details(sheet, language)),
        "note": note,
    }
    return words | {name: clean(text) for name, text in more.items()}


def _details(sheet: Sheet, language: str) -> list[tuple[str, str]]:
    """Label and text of what stands in the list; the note has its own place, the service stands in the sentence."""
    hidden = HIDDEN_IN_LETTERS | {"note", "service"}
    return [
        (BY_FIELD[field].zh if language == "zh" else BY_FIELD[field].en, clean(text).replace("\n", ", "))
        for field, text in sheet
        if field not in hidden
    ]


def _html(words: Mapping[str, str], sheet: Sheet, language: str) -> str:
    rows = "".join(
        f'<tr><th align="left" valign="top">{escape(label)}</th><td>{escape(text)}</td></tr>\n'
        for label, text in _details(sheet, language)
    )
    paragraphs = [words["greeting"], words["lead"], words["note"]]
    ending = [words["hint"], f"{words['closing']}\n{words['library']}"]
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">'
        '<head><meta charset="utf-8"></head><body>\n'
        f'{_paragraphs(paragraphs)}<table cellpadding="4">\n{rows}</table>\n{_paragraphs(ending)}</body></html>\n'
    )


def _paragraphs(texts: Sequence[str]) -> str:
    parts = [part for text in texts for part in text.split("\n\n") if part.strip()]
    return "".join(f"<p>{escape(part.strip()).replace(chr(10), '<br>')}</p>\n" for part in parts)


def _chosen(own: Sequence[Template], name: str) -> str:
    return next((text for each in own if (text := str(getattr(each, name)))), "")


def _filled(template: str, words: Mapping[str, str]) -> str:
    return Dollars(template).safe_substitute(words)


def _squeezed(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
