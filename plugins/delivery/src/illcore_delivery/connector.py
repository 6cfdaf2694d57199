"""The connector type `delivery`: checks documents that came, hands copies over by link or on paper."""

import mimetypes
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path, PurePath
from shutil import copyfile
from threading import Lock
from typing import Any

from sqlalchemy import Connection

from illcore.calendars import end_of_day, local_date
from illcore.connectors import Deadline, Host
from illcore.errors import Conflict, Misconfigured, NotFound, TryLater
from illcore.hookspecs import hookimpl
from illcore.hooktypes import DeliveryOrder
from illcore.message import Receipt
from illcore.model import BilingualText
from illcore.policy import Library

from . import printing
from .cabinet import Cabinet, Cabinets, folder_of
from .config import DeliveryConfig
from .cover.facts import Facts
from .cover.source import PDF, as_it_is, file_of
from .cover.terms import Terms, terms_of
from .faults import plain_errors
from .links import store
from .links.tokens import hash_of, password_hash, password_of, salt_of, token_of
from .paper.texts import names
from .quality import check

VERDICTS = ("pass", "review", "fail")
"""From the best to the worst."""

ANSWER_IN = 2.0
"""Seconds of a check's time that are left for the report."""

SWEEP_EVERY = timedelta(days=1)
ORPHANS_AFTER = timedelta(hours=24)


class DeliveryConnector:
    """One account. What is handed over is a file of its own in the account's folder, so that a link needs no other."""

    def __init__(self, config: DeliveryConfig, host: Host, cabinets: Cabinets) -> None:
        self._config = config
        self._host = host
        self._cabinet: Cabinet | None = None
        self._swept: datetime | None = None
        self._lock = Lock()
        cabinets.add(self._opened)

    @hookimpl
    def illcore_deliver(self, delivery: DeliveryOrder, key: str, deadline: Deadline) -> Receipt:
        """Check the files, or hand them over; see `_checked` and `_handed_over` for the receipts.

        Refused if a file or an obligation does not allow it, Misconfigured without a usable folder, TryLater without
        tables or while the disk fails.
        """
        if deadline.passed():
            raise TryLater("no time was left for a delivery")
        try:
            library = self._host.library(delivery.library)
        except NotFound as error:
            raise Misconfigured(f"the account's library is wrong: {error}") from None
        with plain_errors():
            if delivery.step == "check":
                return self._checked(delivery, deadline)
            with self._host.reading(delivery.library) as connection:
                cabinet = self._opened(connection)
                known = store.by_key(connection, delivery.library, key)
                on_paper = printing.ordered(connection, delivery.library, key)
            if on_paper is not None:
                return _print_receipt(on_paper)
            if known is not None:
                return self._link_receipt(library, cabinet, self._with_its_token(cabinet, known))
            receipt = self._handed_over(delivery, key, library, cabinet)
            self._sweep(delivery.library, cabinet)
            return receipt

    def _checked(self, delivery: DeliveryOrder, deadline: Deadline) -> Receipt:
        """The report of the quality check: `detail` is `verdict`, `pages`, `findings`; of several files the worst."""
        reports = []
        for number, one in enumerate(delivery.files):
            share = (deadline.remaining() - ANSWER_IN) / (len(delivery.files) - number)
            limits = self._config.quality.within(share)
            path = file_of(one, self._config.max_bytes)
            report = check(path, delivery.expected, delivery.earlier, delivery.language or "en", limits, name=one.name)
            reports.append(report.detail())
        return Receipt(
            detail={
                "verdict": max((each["verdict"] for each in reports), key=VERDICTS.index),
                "pages": sum(each["pages"] for each in reports),
                "findings": [found for each in reports for found in each["findings"]],
            }
        )

    def _handed_over(self, delivery: DeliveryOrder, key: str, library: Library, cabinet: Cabinet) -> Receipt:
        """`detail` is `url`, `expires` (the last day), `views` and, where there is one, `password`.

        On paper it is `paper`, `print` (its number) and `pages`. A partner's link asks nothing before the download,
        since a program may fetch it. A single document that nobody fetched from its supplier's address is handed over
        as that address, as long as nothing is asked of the copy.
        """
        terms = terms_of(delivery.obligations)
        if self._config.watermark == "always" and terms.watermark is None:
            terms = replace(terms, watermark=BilingualText())
        only = delivery.files[0]
        if len(delivery.files) == 1 and only.path is None and only.url and not delivery.obligations:
            return Receipt(detail={"url": only.url})
        now = self._host.clock.now()
        today = local_date(library.policy.calendar, now)
        with_cover = self._config.cover == "always" or bool(terms.notices)
        pages, size = 0, 0
        name = cabinet.sign("file", delivery.library, key).hex()
        sources = [file_of(one, self._config.max_bytes) for one in delivery.files]
        unchanged = not terms.paper and as_it_is(delivery.files, terms, with_cover)

        def write(to: Path) -> None:
            nonlocal pages
            if unchanged:
                copyfile(sources[0], to)
                return
            from .cover.prepare import prepare  # loads what makes PDFs, which most commands never need
            from .paper.fonts import font

            facts = self._facts(delivery, library, today)
            shapes = font(self._config.font)
            pages = prepare(delivery.files, terms, facts, shapes, with_cover, self._config.page, to)

        size = cabinet.put(name, write)
        file = {"file": name, "name": _file_name(delivery, unchanged)}
        common = {"library": delivery.library, "key": key, "request_id": delivery.request_id, "made_at": now, **file}
        if terms.paper:
            return _print_receipt(self._kept(delivery, lambda one: printing.order(one, {**common, "pages": pages})))
        kind = only.media_type if unchanged else PDF
        values = {**common, **self._link_values(delivery, key, library, cabinet, terms, now, today)}
        link = self._kept(delivery, lambda one: store.keep(one, {**values, "media_type": kind, "size": size}))
        return self._link_receipt(library, cabinet, link)

    def _link_values(
        self,
        delivery: DeliveryOrder,
        key: str,
        library: Library,
        cabinet: Cabinet,
        terms: Terms,
        now: datetime,
        today: date,
    ) -> dict[str, Any]:
        days = min(self._config.days, terms.days or self._config.days)
        last = today + timedelta(days=days)
        if delivery.expires is not None:
            last = min(last, delivery.expires)
        salt = salt_of(cabinet, delivery.library, key)
        reads = delivery.receiver == "reader"
        secret = password_of(cabinet, delivery.library, key) if reads and self._config.password == "generated" else ""
        return {
            "token_hash": hash_of(token_of(cabinet, delivery.library, key)),
            "notices": terms.notices if reads else (),
            "confirm": int(reads and self._config.confirm),
            "salt": salt,
            "password_hash": password_hash(secret, salt) if secret else "",
            "views": min(self._config.views, terms.views or self._config.views),
            "business_days": terms.business_days,
            "expires_at": end_of_day(library.policy.calendar, last),
        }

    def _with_its_token(self, cabinet: Cabinet, link: store.Link) -> store.Link:
        """A link whose token can be told: it gets a new one if the secret is no longer that with which it was made."""
        hash = hash_of(token_of(cabinet, link.library, link.key))
        if link.token_hash != hash:
            with self._host.transaction(link.library) as connection:
                store.rehash(connection, link, hash)
        return link

    def _link_receipt(self, library: Library, cabinet: Cabinet, link: store.Link) -> Receipt:
        token = token_of(cabinet, link.library, link.key)
        detail: dict[str, Any] = {
            "url": f"{self._config.url.rstrip('/')}/d/{token}",
            "expires": local_date(library.policy.calendar, link.expires_at - timedelta(microseconds=1)).isoformat(),
            "views": link.views,
        }
        if link.business_days:
            detail["business_days"] = link.business_days
        if link.password_hash:
            detail["password"] = password_of(cabinet, link.library, link.key)
        return Receipt(remote_id=str(link.id), detail=detail)

    def _facts(self, delivery: DeliveryOrder, library: Library, today: date) -> Facts:
        partner = self._host.partner_for(delivery.library, delivery.partner) if delivery.partner else None
        return Facts(
            library=names(BilingualText(en=library.name_en, zh=library.name_zh), library.symbol),
            partner=names(partner.name, partner.symbol) if partner else delivery.partner,
            request_id=delivery.request_id,
            title=delivery.title,
            on=today,
        )

    def _kept(self, delivery: DeliveryOrder, write: Any) -> Any:
        try:
            with self._host.transaction(delivery.library) as connection:
                return write(connection)
        except Conflict as error:
            raise TryLater(str(error)) from error

    def _opened(self, connection: Connection) -> Cabinet:
        with self._lock:
            if self._cabinet is None:
                folder = folder_of(self._config.folder, connection)
                self._cabinet = Cabinet(folder, self._config.secret.get_secret_value())
            return self._cabinet

    def _sweep(self, library: str, cabinet: Cabinet) -> None:
        """Once a day: delete the files of links that open no more, and what a crash has left."""
        now = self._host.clock.now()
        with self._lock:
            if self._swept is not None and now - self._swept < SWEEP_EVERY:
                return
            self._swept = now
        with self._host.reading(library) as connection:
            needed = store.needed_files(connection, now)
        for path, written in cabinet.kept():
            if path.name not in needed and now - written > ORPHANS_AFTER:
                path.unlink(missing_ok=True)


def _print_receipt(row: Any) -> Receipt:
    return Receipt(remote_id=str(row.id), detail={"paper": True, "print": row.id, "pages": row.pages})


def _file_name(delivery: DeliveryOrder, unchanged: bool) -> str:
    """As the first document is called; what became PDF ends in .pdf."""
    first = delivery.files[0]
    name = PurePath(first.name.replace("\\", "/")).name or f"{delivery.request_id}.pdf"
    if unchanged:
        return name if "." in name else name + (mimetypes.guess_extension(first.media_type) or "")
    stem = name.rpartition(".")[0] or name
    return f"{stem}.pdf"
