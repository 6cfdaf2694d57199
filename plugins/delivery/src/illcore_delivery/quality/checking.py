"""The check as its callers see it: a file goes in, a report comes out, whatever is in the file."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Collection
from hashlib import file_digest
from pathlib import Path
from typing import Any

from illcore.identifiers import doi
from illcore.model import Citation

from .budget import MB
from .codes import CODES
from .confined import Said, run
from .limits import Limits
from .report import Found, Report, Thumbnail, findings_of
from .sniff import SUFFIXES

_WANTED = {"title", "author", "title_of_component", "author_of_component", "pages", "publication_type", "doi"}
_JPEG = b"\xff\xd8\xff"


def check(
    path: Path,
    expected: Citation | None = None,
    earlier: Collection[str] = (),
    language: str = "en",
    limits: Limits | None = None,
    *,
    name: str = "",
) -> Report:
    """Look at a document that came: is it whole, legible, harmless, and what was asked for?

    `expected` is the citation it should be (None: not compared), `earlier` the SHA-256 sums of files that were rejected
    before, `language` that of `Report.detail()`, `name` the one under which the file came, if it is kept under another.
    The file is read by a process of its own, within `limits`; one that breaks it or takes too long is a finding
    (`crashed`, `too_heavy`), never an exception.

    Raises OSError if the file is not there, is no file or may not be read.
    """
    limits = limits or Limits()
    path = path.absolute()
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        sha256 = file_digest(file, "sha256").hexdigest() if size <= limits.file_mb * MB else ""
    before = [Found("duplicate")] if sha256 and sha256 in earlier else []
    if size == 0:
        return Report(findings_of([*before, Found("empty_file")], limits), language=language, sha256=sha256)
    if not sha256:
        too_large = Found("file_too_large", None, {"size": -(-size // MB), "limit": limits.file_mb})
        return Report(findings_of([too_large], limits), language=language)
    said = run("check", {"path": str(path), "expected": _wanted(expected)}, limits)
    return _report(name or path.name, said, before, sha256, language, limits)


def _wanted(expected: Citation | None) -> dict[str, str] | None:
    if expected is None:
        return None
    return expected.model_dump(mode="json", include=_WANTED) | {"doi": doi(expected.doi) or ""}


def _report(name: str, said: Said, found: list[Found], sha256: str, language: str, limits: Limits) -> Report:
    pages, kind, looking = 0, "", None
    thumbnails: list[Thumbnail] = []
    for line in said.lines:
        if line.get("found") in CODES:
            found.append(Found(line["found"], _page(line.get("page")), _values(line)))
        elif isinstance(line.get("pages"), int):
            pages = line["pages"]
        elif line.get("kind") in SUFFIXES:
            kind = line["kind"]
        elif "looking" in line:
            looking = _page(line["looking"])
        elif "thumbnail" in line and len(thumbnails) < limits.thumbnails:
            data = b64decode(str(line.get("data", "")))
            number = _page(line["thumbnail"])
            if number is not None and data.startswith(_JPEG):
                thumbnails.append(Thumbnail(number, data))
    if said.ended == "heavy":
        allowed = {"memory": limits.memory_mb, "seconds": f"{min(limits.cpu_seconds, limits.wall_seconds):g}"}
        found.append(Found("too_heavy", looking, allowed))
    elif said.ended == "crashed":
        found.append(Found("crashed", looking, {"why": said.why}))
    suffix = Path(name).suffix.lower()
    if kind and suffix and suffix not in SUFFIXES.get(kind, ()):
        found.append(Found("wrong_suffix", None, {"suffix": suffix, "kind": kind.upper()}))
    return Report(findings_of(found, limits), pages, kind, sha256, language, tuple(thumbnails))


def _page(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _values(line: dict[str, Any]) -> dict[str, object]:
    values = line.get("values")
    return values if isinstance(values, dict) else {}
