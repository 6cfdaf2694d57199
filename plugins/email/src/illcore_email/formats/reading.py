"""A structured mail found in a text: its heading and its fields, in generic script, form or keyed lines. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .names import ART_KEYS, GSM_TAGS, LABELS, MULTILINE, REPEATED

MOST_LINES = 3000
_HEADINGS = (
    ("reply", r"REPLY TO AN? ILL REQUEST|REPONSE A UNE DEMANDE DE PEB"),
    ("request", r"ILL REQUEST|DEMANDE (DE )?PEB"),
    ("renewal_answer", r"RENEWAL ANSWER|REPONSE (DE |A LA DEMANDE DE )?RENOUVELLEMENT"),
    ("renewal", r"RENEWAL REQUEST|DEMANDE DE RENOUVELLEMENT"),
    ("conditional", r"CONDITIONAL REPLY|REPONSE CONDITIONN?ELLE"),
    ("cancel", r"CANCELLATION|ANNULATION"),
    ("forward", r"FORWARD NOTIFICATION|NOTE DE RENVOI"),
    ("shipped", r"ITEM SHIPPED|MESSAGE D.?ENVOI"),
    ("overdue", r"OVERDUE MESSAGE|AVIS DE RETARD"),
    ("recall", r"RECALL MESSAGE|MESSAGE DE RAPPEL"),
    ("general", r"GENERAL MESSAGE|MESSAGE GENERAL"),
)
_HEADING = tuple(
    (kind, re.compile(rf"^\s*(?:{words})(?:\s*/\s*[A-Z' .-]{{3,60}})?\s*[:.]?\s*$")) for kind, words in _HEADINGS
)
_FORM = (
    ("request", re.compile(r"^\s*(INTERLIBRARY LOAN REQUEST\b.{0,40}|ILL REQUEST FORM|馆际互借申请[单表]?)\s*$", re.I)),
    (
        "form",
        re.compile(r"^\s*(INTERLIBRARY LOAN (MESSAGE|REPORT|REPLY)\b.{0,40}|馆际互借(通知|回执|答复)单?)\s*$", re.I),
    ),
)
_ASKED = frozenset("service title author number isbn issn title_of_component".split())
_TAG = re.compile(r"^\s?([#A-Z][#A-Z/.0-9$][#A-Z/.0-9$])\s?[:：]\s?(.*)$")
_KEY = re.compile(r"^([A-Z]{3,12})=(.*)$")
_LABEL = re.compile(r"^([^:：]{1,60})[:：]\s*(.*)$")
_INDENTED = re.compile(r"^(?:  |\t)")


@dataclass(slots=True)
class Found:
    """What stood in the text. `kind` is the heading's (`request reply shipped …`); `form` for other forms."""

    style: str
    kind: str
    fields: dict[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str:
        """The first text of a field, empty if there is none."""
        texts = self.fields.get(name)
        return texts[0].strip() if texts else ""

    def all_of(self, *names: str) -> Iterator[str]:
        """Every text of these fields."""
        for name in names:
            yield from (text.strip() for text in self.fields.get(name, ()) if text.strip())


def read_structured(text: str) -> Found | None:
    """The structured message in a text, or None. Its heading stands within the first 40 lines that are not empty."""
    lines = text.split("\n")[:MOST_LINES]
    seen = 0
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        seen += 1
        if seen > 40:
            break
        folded = _folded(line[:200])
        kind = next((kind for kind, pattern in _HEADING if pattern.match(folded)), "")
        if kind:
            found = _collect(Found("gsm", kind), lines[number + 1 :], _tagged)
            return found if found.fields else None
        kind = next((kind for kind, pattern in _FORM if pattern.match(line[:200])), "")
        if kind:
            found = _collect(Found("form", kind), lines[number + 1 :], _labelled)
            enough = kind != "request" or len(_ASKED & set(found.fields)) > 1  # people write such a line too
            return found if found.fields and enough else None
        if line.startswith("MESSAGE="):
            asked = line.strip().upper() in ("MESSAGE=REQUEST", "MESSAGE=RETRY_REQUEST")
            return _collect(Found("artemail", "request" if asked else "form"), lines[number + 1 :], _keyed)
    return None


def read_request_without_heading(text: str, announced: bool = False) -> Found | None:
    """Tags or labels of a request without any heading, as some systems and people send them.

    If it is `announced`, by its subject, a request is understood from less, and may lack what it needs.
    """
    for style, split in (("gsm", _tagged), ("form", _labelled)):
        found = _collect(Found(style, "request"), text.split("\n")[:MOST_LINES], split)
        if announced and len(found.fields) >= 2 and _ASKED & set(found.fields):
            return found
        wanted = {"service", "title"} if style == "form" else {"service"}
        if len(found.fields) >= 3 and wanted <= set(found.fields):
            return found
    return None


def _folded(line: str) -> str:
    """In capitals without accents."""
    parts = unicodedata.normalize("NFD", line.replace("’", "'").upper())
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).strip().strip("*").strip()


def _collect(found: Found, lines: list[str], split: Callable[[str], tuple[str, str] | None]) -> Found:
    last = ""
    for line in lines:
        if last and last in MULTILINE and _INDENTED.match(line) and line.strip():
            found.fields[last][-1] += "\n" + line.strip()[:2000]
            continue
        pair = split(line[:4000]) if not _INDENTED.match(line) else None
        if pair is None:
            if last in ("note", "delivery", "return_to") and found.style == "gsm" and line.strip():
                found.fields[last][-1] += "\n" + line.strip()[:2000]
            continue
        last, text = pair
        if last:
            texts = found.fields.setdefault(last, [])
            if last == "note" and texts:
                texts[0] += "\n" + text.strip()
            elif not texts or last in REPEATED or last in ("number", "answer"):
                texts.append(text.strip())
            else:
                last = ""  # the first one counts: a field that comes twice is not guessed at
    return found


def _tagged(line: str) -> tuple[str, str] | None:
    match = _TAG.match(line)
    if match is None or match[1] not in GSM_TAGS:
        return None
    return GSM_TAGS[match[1]], match[2]


def _labelled(line: str) -> tuple[str, str] | None:
    match = _LABEL.match(line)
    if match is None:
        return None
    name = LABELS.get(" ".join(match[1].strip(" *-·•").split()).casefold())
    return (name, match[2]) if name else None


def _keyed(line: str) -> tuple[str, str] | None:
    match = _KEY.match(line)
    return (ART_KEYS[match[1]], match[2]) if match and match[1] in ART_KEYS else None
