"""What in a PDF acts by itself or carries something else along: where it stands, and how it is taken out.

The places in which ISO 32000-1 (12.6, 12.5.6, 7.11.4, 12.7.8) lets actions, media and files stand are walked once;
what was found there is what is removed. Ordinary links to the web stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pikepdf

from .named import text_of

_CODES: Mapping[str, str] = {
    "/JavaScript": "javascript",
    "/Launch": "launch_action",
    "/GoToR": "launch_action",
    "/GoToE": "launch_action",
    "/ImportData": "launch_action",
    "/SubmitForm": "submit_action",
    "/Rendition": "rich_media",
    "/Movie": "rich_media",
    "/Sound": "rich_media",
    "/RichMediaExecute": "rich_media",
    "/GoTo3DView": "rich_media",
}
_MEDIA = {"/RichMedia", "/Screen", "/Movie", "/Sound", "/3D", "/FileAttachment"}
_HARMLESS = {"/GoTo", "/Named", "/GoToDp", "/Thread", "/Hide", "/SetOCGState", "/Trans", "/ResetForm"}
_WEB = ("http://", "https://", "mailto:", "ftp://", "doi:")
_MOST_ACTIONS = 2000


@dataclass(slots=True, frozen=True)
class Place:
    """`key` of `holder` is to be deleted; of an array of annotations, `key` is the annotation itself."""

    code: str
    page: int | None
    holder: pikepdf.Object
    key: str
    values: Mapping[str, Any] = field(default_factory=dict)


def places(pdf: pikepdf.Pdf) -> list[Place]:
    """All of them, the document's before its pages'."""
    root = pdf.Root
    found = [*_catalogue(root), *_outlines(root), *_fields(root)]
    for number, page in enumerate(pdf.pages, 1):
        found += _triggers(page.obj, number)
        if "/AF" in page.obj:
            found.append(Place("embedded_file", number, page.obj, "/AF"))
        annotations = page.obj.get("/Annots")
        if isinstance(annotations, pikepdf.Array):
            for one in annotations:
                found += _annotation(one, annotations, number)
    return found


def remove(pdf: pikepdf.Pdf) -> int:
    """Take it out, in place, and say how much it was.

    An XFA form stays: without it only a notice that it cannot be shown would be left.
    """
    count = 0
    for _ in range(5):  # what stood behind another is found by looking again
        found = [place for place in places(pdf) if place.code != "xfa_form"]
        if not found:
            break
        count += len(found)
        for place in found:
            _delete(place)
    return count


def _delete(place: Place) -> None:
    if place.key:
        if place.key in place.holder:
            del place.holder[place.key]
        return
    kept = [one for one in place.holder if not _is_media(one)]
    while len(place.holder):
        del place.holder[len(place.holder) - 1]
    for one in kept:
        place.holder.append(one)


def _catalogue(root: pikepdf.Object) -> Iterator[Place]:
    yield from _by_itself(root, "/OpenAction", None)
    yield from _triggers(root, None)
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        for key, code in (
            ("/JavaScript", "javascript"),
            ("/EmbeddedFiles", "embedded_file"),
            ("/Renditions", "rich_media"),
        ):
            if key in names:
                yield Place(code, None, names, key)
    for key in ("/AF", "/Collection"):
        if key in root:
            yield Place("embedded_file", None, root, key)
    form = root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary) and "/XFA" in form:
        yield Place("xfa_form", None, form, "/XFA")


def _triggers(holder: pikepdf.Object, page: int | None) -> Iterator[Place]:
    """`/AA`: actions that opening, closing, printing, typing set off."""
    triggers = holder.get("/AA")
    if not isinstance(triggers, pikepdf.Dictionary):
        return
    for key in triggers.as_dict():
        yield from _by_itself(triggers, key, page)


def _by_itself(holder: pikepdf.Object, key: str, page: int | None) -> Iterator[Place]:
    """An action that nobody clicks on: it may turn pages and nothing else."""
    action = holder.get(key)
    if not isinstance(action, pikepdf.Dictionary):
        return
    found = list(_actions(action))
    for one in found:
        if one.code:
            yield Place(one.code, page, holder, key, one.values)
            return
    for one in found:
        if one.kind not in _HARMLESS:
            yield Place("open_action", page, holder, key, {"action": one.kind.lstrip("/")})
            return


def _annotation(one: pikepdf.Object, holder: pikepdf.Object, page: int) -> Iterator[Place]:
    if not isinstance(one, pikepdf.Dictionary):
        return
    if _is_media(one):
        code = "embedded_file" if text_of(one.get("/Subtype")) == "/FileAttachment" else "rich_media"
        yield Place(code, page, holder, "")
        return
    yield from _action_of(one, "/A", page)
    yield from _action_of(one, "/PA", page)
    yield from _triggers(one, page)
    if "/AF" in one:
        yield Place("embedded_file", page, one, "/AF")


def _is_media(one: pikepdf.Object) -> bool:
    return isinstance(one, pikepdf.Dictionary) and text_of(one.get("/Subtype")) in _MEDIA


def _action_of(holder: pikepdf.Object, key: str, page: int | None) -> Iterator[Place]:
    for one in _actions(holder.get(key)):
        if one.code:
            yield Place(one.code, page, holder, key, one.values)
            return


class _Action(NamedTuple):
    """`code` is empty if a click on it does no harm."""

    code: str
    kind: str
    values: Mapping[str, Any] = {}


def _actions(first: object) -> Iterator[_Action]:
    """An action and all that `/Next` chains to it."""
    waiting, seen = [first], 0
    while waiting:
        action = waiting.pop()
        if isinstance(action, pikepdf.Array):
            waiting += list(action)
            continue
        if not isinstance(action, pikepdf.Dictionary):
            continue
        seen += 1
        if seen > _MOST_ACTIONS:
            yield _Action("javascript", "")  # a chain without an end is nothing that a document needs
            return
        kind = text_of(action.get("/S"))
        target = text_of(action.get("/URI", "")).strip()
        if "/JS" in action:
            yield _Action("javascript", kind)
        elif kind == "/URI" and target and not _leads_to_the_web(target):
            yield _Action("dangerous_link", kind, {"target": target})
        else:
            yield _Action(_CODES.get(kind, ""), kind)
        waiting.append(action.get("/Next"))


def _leads_to_the_web(target: str) -> bool:
    if target.startswith(("\\", "//")):
        return False
    scheme, colon, _ = target.partition(":")
    return target.lower().startswith(_WEB) or not colon or not scheme.isalnum()


def _outlines(root: pikepdf.Object) -> Iterator[Place]:
    outlines = root.get("/Outlines")
    waiting: list[object] = [outlines.get("/First")] if isinstance(outlines, pikepdf.Dictionary) else []
    seen: set[tuple[int, int]] = set()
    while waiting:
        item = waiting.pop()
        if not isinstance(item, pikepdf.Dictionary) or item.objgen in seen:
            continue
        if item.objgen != (0, 0):
            seen.add(item.objgen)
        yield from _action_of(item, "/A", None)
        waiting += [item.get("/Next"), item.get("/First")]


def _fields(root: pikepdf.Object) -> Iterator[Place]:
    form = root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return
    fields = form.get("/Fields")
    waiting = list(fields) if isinstance(fields, pikepdf.Array) else []
    seen: set[tuple[int, int]] = set()
    while waiting:
        one = waiting.pop()
        if not isinstance(one, pikepdf.Dictionary) or one.objgen in seen:
            continue
        if one.objgen != (0, 0):
            seen.add(one.objgen)
        yield from _action_of(one, "/A", None)
        yield from _triggers(one, None)
        kids = one.get("/Kids")
        if isinstance(kids, pikepdf.Array):
            waiting += list(kids)
