"""What a check says: verdict, findings with code, page and text, thumbnails; and what goes on to others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from illcore.model import BilingualText

from .codes import CODES, MORE
from .limits import Limits, Severity

Verdict = Literal["pass", "review", "fail"]
_LONGEST = 200


class Finding(NamedTuple):
    """`page` counts from 1; None is the whole file."""

    code: str
    page: int | None
    severity: Severity
    text: BilingualText


class Thumbnail(NamedTuple):
    """A page as a small JPEG."""

    page: int
    data: bytes
    media_type: str = "image/jpeg"


@dataclass(slots=True, frozen=True)
class Report:
    """`pages` is how many the file has, as far as that is known; `sha256` names the file that was looked at.

    `kind`: `pdf tiff jpeg png`, or empty. `language` is that of `detail()`.
    """

    findings: tuple[Finding, ...]
    pages: int = 0
    kind: str = ""
    sha256: str = ""
    language: str = "en"
    thumbnails: tuple[Thumbnail, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The gravest finding decides."""
        found = {each.severity for each in self.findings}
        return "fail" if "fail" in found else "review" if "review" in found else "pass"

    @property
    def codes(self) -> frozenset[str]:
        """What was found."""
        return frozenset(each.code for each in self.findings)

    @property
    def cleanable(self) -> bool:
        """Whether a clean copy (`repair` with no operation) would pass: all that stands against it can be taken out."""
        against = [each for each in self.findings if each.severity != "info"]
        return bool(against) and all(CODES[each.code].cleaned for each in against)

    def detail(self, language: str = "") -> dict[str, Any]:
        """`{"verdict", "pages", "findings": [{"code", "page", "text"}]}`: for a receipt, and `--json`."""
        chosen = language or self.language
        findings = [{"code": each.code, "page": each.page, "text": each.text.best(chosen)} for each in self.findings]
        return {"verdict": self.verdict, "pages": self.pages, "findings": findings}


class Found(NamedTuple):
    """A finding as the looking process states it; `values` fill the sentence of its code."""

    code: str
    page: int | None = None
    values: Mapping[str, object] = {}


def findings_of(found: Iterable[Found], limits: Limits) -> tuple[Finding, ...]:
    """The gravest first, then by page; of many alike the first are listed and the others counted."""
    order = {"fail": 0, "review": 1, "info": 2}
    seen: Counter[str] = Counter()
    listed = []
    for one in found:
        seen[one.code] += 1
        if seen[one.code] <= limits.many_same:
            values = {key: _plain(value) for key, value in one.values.items()}
            text = CODES[one.code].said(values)
            listed.append(Finding(one.code, one.page, limits.severity(one.code), text))
    for code, count in seen.items():
        if count > limits.many_same:
            more = MORE.said({"count": count - limits.many_same})
            listed.append(Finding(code, None, limits.severity(code), more))
    codes = list(CODES)
    return tuple(
        sorted(
            listed, key=lambda each: (order[each.severity], codes.index(each.code), each.page is None, each.page or 0)
        )
    )


def _plain(value: object) -> object:
    """Text from a document, on one line and no longer than a person reads."""
    if not isinstance(value, str):
        return value
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
