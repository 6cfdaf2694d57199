"""Rows and bytes of documents: kept before the commit, erased for good, swept if nobody names them."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from illcore import documents
from illcore.blobs import FolderBlobs
from illcore.clock import SystemClock
from illcore.documents import keep, media_type_of, record, safe_name, sweep
from illcore.engine import Engine
from illcore.errors import Invalid, NotFound
from illcore.events import Actor
from illcore.store import create_schema
from illcore.testing.fakes import given
from illcore.testing.network import Network

LIBRARY = "ISIL:A"
SCAN = b"%PDF-1.7\nscan"


@pytest.fixture
def engine(db_url, tmp_path):
    create_schema(db_url)
    config = {
        "library": LIBRARY,
        "accounts": {"wire:main": {}},
        "documents": {"store": str(tmp_path / "documents")},
    }
    opened = Engine.open(db_url, config, plugins=[given(Network().plugin())])
    yield opened
    opened.close()


@pytest.fixture
def staff(engine):
    return engine.as_(Actor(kind="staff", id="anna", library=LIBRARY, role="admin"))


@pytest.fixture
def request_id(staff):
    citation = {"title": "馆际互借", "doi": "10.1000/182"}
    return staff.submit({"service_type": "copy", "citation": citation})


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_an_erased_document_leaves_its_sum_and_no_byte(engine, staff, request_id, tmp_path):
    added = staff.add_document(request_id, SCAN, "张三的扫描件.pdf")
    now = engine.clock.now()
    with engine.database.write() as connection:
        gone = documents.erase(connection, LIBRARY, [request_id], now)
    assert documents.delete_bytes(engine.context.blobs, gone) == 1
    assert files(tmp_path / "documents") == []
    with pytest.raises(NotFound, match="was erased"), staff.open_document(added["id"]):
        pass
    with engine.database.read() as connection:
        (row,) = documents.of_request(connection, LIBRARY, request_id)
    assert (row.sha256, row.name, row.erased_at is not None) == (added["sha256"], "", True)
    assert staff.add_document(request_id, SCAN, "again.pdf")["id"] != added["id"]


def test_bytes_that_no_row_names_are_swept_after_a_day(engine, staff, request_id, tmp_path):
    blobs = FolderBlobs(tmp_path / "documents")
    staff.add_document(request_id, SCAN, "kept.pdf")
    orphan, _ = keep(blobs, LIBRARY, request_id, [SCAN + b" orphan"], 1000)
    now = engine.clock.now()
    with engine.database.read() as connection:
        assert sweep(connection, blobs, now + timedelta(hours=23)) == 0
        assert sweep(connection, blobs, now + timedelta(hours=25)) == 1
        assert sweep(connection, blobs, now + timedelta(hours=25)) == 0
    (left,) = files(tmp_path / "documents")
    assert left.name != orphan.sha256


def test_a_crash_between_the_bytes_and_the_row_loses_nothing_and_leaves_an_orphan(engine, staff, request_id, tmp_path):
    kept = keep(engine.context.blobs, LIBRARY, request_id, [SCAN], 1000)

    def commit():
        with engine.database.write() as connection:
            record(connection, "D1", *kept, "scan.pdf", "upload", engine.clock.now())
            raise RuntimeError("the process dies here")

    with pytest.raises(RuntimeError):
        commit()
    assert staff.get(request_id)["documents"] == []
    assert len(files(tmp_path / "documents")) == 1
    with engine.database.read() as connection:
        assert sweep(connection, engine.context.blobs, SystemClock().now() + timedelta(days=2)) == 1


def test_a_half_written_file_is_swept_too(engine, tmp_path):
    part = tmp_path / "documents" / LIBRARY / "R1" / ".part-x"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    os.utime(part, (1_700_000_000, 1_700_000_000))
    with engine.database.read() as connection:
        assert sweep(connection, engine.context.blobs, engine.clock.now()) == 1
    assert files(tmp_path / "documents") == []


@pytest.mark.parametrize(
    ("head", "type"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"junk before %PDF-1.4", "application/pdf"),
        (b"II*\0....", "image/tiff"),
        (b"MM\0*....", "image/tiff"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
    ],
)
def test_a_document_is_what_its_bytes_say(head, type):
    assert media_type_of(head) == type


@pytest.mark.parametrize("head", [b"", b"PK\3\4", b"GIF89a", b"<html>", b"#!/bin/sh", b"\x7fELF", b" " * 1024])
def test_nothing_else_is_a_document(head):
    with pytest.raises(Invalid, match="not a PDF, TIFF, JPEG or PNG"):
        media_type_of(head)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("扫描件.pdf", "扫描件.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\scans\\a.TIFF", "a.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("...", "document.pdf"),
        ("", "document.pdf"),
        ("x" * 500 + ".pdf", "x" * 200 + ".pdf"),
        ("\u202eexe.fdp", "exe.pdf"),
    ],
)
def test_file_names_lead_nowhere_and_end_as_what_they_are(given, kept):
    assert safe_name(given, "application/pdf") == kept
