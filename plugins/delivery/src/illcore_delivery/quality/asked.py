"""Whether the file is what was asked for: the number of pages, the title, the page numbers that are printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .judging import Seen
from .numbering import printed_numbers
from .pageranges import Asked, asked_pages
from .telling import Teller

if TYPE_CHECKING:
    from illcore.model import Citation

    from .limits import Limits

_SHORT = 12


def compare(seen: Seen, count: int, expected: Citation | None, limits: Limits, teller: Teller) -> None:
    """Tell what there is of a text layer, and how far the document of `count` pages is the one that was asked for."""
    readable = [text for text in seen.texts if _letters(text) >= limits.text_letters]
    legible = not readable or _is_legible("".join(readable))
    if not readable:
        teller.found("no_text_layer")
    elif not legible:
        teller.found("unusable_text")
    else:
        teller.found("text_layer", count=len(readable), pages=len(seen.texts))
    if expected is None:
        return
    asked = asked_pages(expected.pages)
    if asked is not None:
        _compare_count(asked, expected.pages, seen, count, limits, teller)
    if readable and legible:
        _compare_title(seen, len(readable), expected, limits, teller)
        if asked is not None:
            _compare_numbers(asked, expected.pages, seen, teller)


def _compare_count(asked: Asked, said: str, seen: Seen, count: int, limits: Limits, teller: Teller) -> None:
    wanted = len(asked.labels)
    values: dict[str, Any] = {"asked": wanted, "range": said, "came": count}
    if count >= wanted:
        if asked.exact and count > wanted + limits.extra_pages:
            teller.found("pages_extra", **values)
    elif count + seen.wide >= wanted:
        teller.found("double_pages", asked=wanted, came=count)
    else:
        teller.found("pages_missing", **values)


def _compare_title(seen: Seen, readable: int, expected: Citation, limits: Limits, teller: Teller) -> None:
    from .titles import likeness, titles_of

    titles = titles_of(expected)
    if titles is None:
        return
    found = likeness(titles, seen.texts, seen.titles, limits.title_found)
    if found.where:
        teller.found("right_article", where=found.where)
        return
    values: dict[str, Any] = {"percent": round(found.share * 100), "title": titles.shown}
    certain = titles.telling and readable * 2 >= len(seen.texts) and found.same_script and not found.author
    if found.share < limits.title_missing and certain:
        teller.found("wrong_article", **values)
    else:
        teller.found("title_not_found", **values)


def _compare_numbers(asked: Asked, said: str, seen: Seen, teller: Teller) -> None:
    printed = printed_numbers(seen.texts, asked.labels)
    if printed.others:
        teller.found("wrong_pages", printed=printed.others, range=said)
    elif asked.exact and len(printed.missing) > printed.unnumbered + seen.wide:
        shown = ", ".join(printed.missing[:_SHORT]) + (" …" if len(printed.missing) > _SHORT else "")
        teller.found("pages_not_seen", numbers=shown)


def _letters(text: str) -> int:
    return sum(not sign.isspace() for sign in text)


def _is_legible(text: str) -> bool:
    """Text from fonts without a table of characters is symbols, controls and private signs."""
    signs = [sign for sign in text[:20000] if not sign.isspace()]
    odd = sum(not sign.isprintable() or sign == "\ufffd" or "\ue000" <= sign <= "\uf8ff" for sign in signs)
    return odd * 4 <= len(signs)
