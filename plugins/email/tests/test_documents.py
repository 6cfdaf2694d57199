"""Documents as attachments, out and in: kept in the store and checked, under their Chinese names."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from illcore.errors import Refused
from illcore.message import DocumentFile, Receipt
from illcore.testing.fakes import FakePlugin
from illcore_email.incoming.delivered import documents_in
from illcore_email.incoming.mime import parse
from illcore_email.outgoing.attached import with_documents
from illcore_email.testing import ARTICLE, BOX, OURS, THEIR_BOX, THEIRS, Office, Opened, knows, mail
from illcore_email.testing.servers import PASSWORD, Dovecot, Sink, smtp_server

SCAN = b"%PDF-1.7\n" + bytes(range(256)) * 40 + b"\n..\n.\n%%EOF\n"
TIFF, JPEG, PNG = b"II*\0" + b"t" * 50, b"\xff\xd8\xff\xe0" + b"j" * 50, b"\x89PNG\r\n\x1a\n" + b"p" * 50


def desk() -> FakePlugin:
    """A delivery account that finds every document good."""
    plugin = FakePlugin("desk", hooks=("deliver",))
    plugin.script("desk", "deliver", *[Receipt(detail={"verdict": "pass", "pages": 9, "findings": []})] * 20)
    return plugin


def checked(plugin: FakePlugin) -> list[tuple[str, str]]:
    orders = [call.delivery for call in plugin.calls_of("deliver")]
    return [(order.step, order.files[0].name) for order in orders]


def files(raw: bytes) -> list[tuple[str | None, bytes]]:
    read = message_from_bytes(raw, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return [(part.get_filename(), part.get_payload(decode=True)) for part in read.iter_attachments()]  # type: ignore[misc]


@pytest.mark.parametrize("style", ["gsm", "letter"])
def test_a_scan_goes_out_as_an_attachment_and_reaches_the_readers_library(
    open_office: Opened, mail_server: Dovecot, style: str
) -> None:
    sink, finds = Sink(), desk()
    sink.lmtp = mail_server.lmtp
    with smtp_server(sink) as smtp:
        keys: dict[str, Any] = {"smtp_port": smtp, "imap_port": mail_server.imap, "password": PASSWORD}
        a = open_office(OURS, BOX, real=True, plugins=[finds], format="gsm", **keys)
        b = open_office(THEIRS, THEIR_BOX, real=True, format=style, **keys)
        knows(a, THEIRS, THEIR_BOX, name={"zh": "南京图书馆"})
        knows(b, OURS, BOX, name={"zh": "国家图书馆"}, attachments=True)
        ours = a.staff.submit(ARTICLE)
        for office in (a, b):
            office.engine.run_due()
        theirs = b.staff.find()[0]["id"]
        b.staff.add_document(theirs, SCAN, "扫描件（第3期）.pdf")
        b.staff.act(theirs, "supply_document")
        b.engine.run_due()
        a.engine.run_due()
        shown = a.staff.get(ours)
        [document] = shown["documents"]
        assert (document["name"], document["verdict"]) == ("扫描件（第3期）.pdf", "pass")
        with a.staff.open_document(document["id"]) as (_, path):
            assert path.read_bytes() == SCAN
        assert checked(finds) == [("check", "扫描件（第3期）.pdf")]
        assert b.state(theirs) == "shipped"
        if style == "letter":
            assert shown["state"] == "sent", "a letter moves nothing"
            a.staff.act(ours, "record", what="supplied")
        assert a.state(ours) == "received"
        a.staff.act(ours, "deliver")
        a.engine.run_due()
        b.engine.run_due()
        assert a.state(ours) == "completed"
        assert b.state(theirs) == "completed"


def test_a_retry_sends_the_same_documents_in_the_same_mail(ours: Office) -> None:
    knows(ours, THEIRS, THEIR_BOX, attachments=True)
    ours.take(mail(f"ILL REQUEST\nLSB:{THEIRS}\nNO.:T-1\nSER:COPY\nTIT:图书馆学报\nART:研究"))
    id = ours.staff.find()[0]["id"]
    ours.staff.add_document(id, SCAN, "扫描件.pdf")
    ours.staff.add_document(id, JPEG, "封面.jpg")
    ours.staff.act(id, "supply_document")
    ours.engine.run_due()
    assert files(ours.sent[-1]) == [("扫描件.pdf", SCAN), ("封面.jpg", JPEG)]
    key = next(event["seq"] for event in ours.staff.get(id)["events"] if event["type"] == "supply_document")
    room: Any = ours.engine._plugins.accounts["email:main"].connector
    kept = room._room
    with kept.reading() as connection:
        from illcore_email.store import sent_mail

        stored = sent_mail(connection, BOX, f"{id}:{key}:1")
    assert stored is not None
    assert SCAN not in stored[0], "the bytes are in the document store alone"
    assert len(stored[0]) < 20_000


def test_documents_that_are_too_large_for_a_mail_are_put_before_staff(open_office: Opened) -> None:
    office = open_office(max_attached=10_000)
    knows(office, THEIRS, THEIR_BOX, attachments=True)
    office.take(mail(f"ILL REQUEST\nLSB:{THEIRS}\nNO.:T-1\nSER:COPY\nTIT:图书馆学报\nART:研究"))
    id = office.staff.find()[0]["id"]
    office.staff.add_document(id, SCAN, "扫描件.pdf")
    office.staff.act(id, "supply_document")
    office.engine.run_due()
    [trouble] = office.staff.get(id)["attention"]
    assert trouble["reason"] == "refused"
    assert "max_attached" in trouble["detail"]
    assert "link" in trouble["detail"]


def test_attaching_gives_a_sound_mail_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(SCAN)
    document = DocumentFile(name='扫描 "件"\r\nBcc: evil@example.org.pdf', path=path)
    link = DocumentFile(name="only a link", url="https://files.example.org/x")
    raw = mail("正文\n.\n--\n" * 50, Reply_To="a@b.example")
    made = with_documents(raw, [document, link], "k:1:1", 100_000)
    assert made == with_documents(raw, [document, link], "k:1:1", 100_000)
    read = message_from_bytes(made, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert read["Bcc"] is None
    assert read["Message-ID"] == message_from_bytes(raw)["Message-ID"]
    body = read.get_body()
    assert body is not None
    assert body.get_content().strip().startswith("正文")
    assert [data for _, data in files(made)] == [SCAN]
    assert with_documents(raw, [link], "k:1:1", 100) == raw
    with pytest.raises(Refused, match="max_attached"):
        with_documents(raw, [document], "k:1:1", 100)


def answered(*parts: tuple[bytes, str, str], **headers: str) -> bytes:
    made = EmailMessage(policy=policy.SMTP)
    made["From"], made["To"], made["Subject"], made["Message-ID"] = THEIR_BOX, BOX, "回复", "<docs@theirs>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content("您好，全文见附件。", charset="gb18030")
    for content, kind, name in parts:
        made.add_attachment(content, *kind.split("/"), filename=name)
    return made.as_bytes()


def test_documents_are_told_by_their_first_bytes_not_by_what_they_are_called() -> None:
    found = documents_in(parse(answered(
        (SCAN, "application/octet-stream", "第一.PDF"), (TIFF, "image/tiff", "二.tif"), (JPEG, "image/jpeg", "三.jpg"),
        (PNG, "image/png", "logo.png"), (b"MZ\x90", "application/pdf", "virus.pdf"), (b"", "application/pdf", "空.pdf"),
    ), 1_000_000))  # fmt: skip
    assert [(each.name, each.content) for each in found] == [("第一.PDF", SCAN), ("二.tif", TIFF), ("三.jpg", JPEG)]


def test_a_picture_in_the_signature_is_no_document() -> None:
    raw = answered((JPEG, "image/jpeg", "logo.jpg"))
    shown = raw.replace(b"Content-Disposition: attachment", b"Content-ID: <logo@x>\r\nContent-Disposition: inline")
    assert shown != raw
    assert documents_in(parse(shown, 1_000_000)) == ()
    assert len(documents_in(parse(raw, 1_000_000))) == 1


def test_names_in_gbk_and_in_old_spellings_arrive_in_chinese(ours: Office) -> None:
    ours.staff.submit({**ARTICLE, "suppliers": [THEIRS]})
    ours.engine.run_due()
    mid = str(ours.last()["Message-ID"])
    raw = answered((SCAN, "application/pdf", "x.pdf"), (JPEG, "image/jpeg", "y.jpg"), In_Reply_To=mid)
    word = "扫描件".encode("gb18030")
    raw = raw.replace(b'filename="x.pdf"', b'filename="' + word + b'.pdf"').replace(
        b'filename="y.jpg"', b'filename="=?GB2312?B?t+LD5g==?=.jpg"'
    )
    taken = ours.take(raw)
    assert taken["class"] == "reply"
    names = [each["name"] for each in ours.staff.get(str(taken["request"]))["documents"]]
    assert names == ["扫描件.pdf", "封面.jpg"]


def test_the_same_mail_twice_keeps_each_document_once(ours: Office) -> None:
    id = ours.staff.submit({**ARTICLE, "suppliers": [THEIRS]})
    ours.engine.run_due()
    raw = answered((SCAN, "application/pdf", "a.pdf"), In_Reply_To=str(ours.last()["Message-ID"]))
    first = ours.take(raw)
    assert ours.take(raw) == first
    assert len(ours.staff.get(id)["documents"]) == 1


def test_nothing_is_kept_of_a_stranger_and_of_an_automatic_answer(ours: Office) -> None:
    id = ours.staff.submit({**ARTICLE, "suppliers": [THEIRS]})
    ours.engine.run_due()
    mid = str(ours.last()["Message-ID"])
    for number, more in enumerate(({"Auto_Submitted": "auto-replied"}, {"Reply_To": "x@y.example"})):
        raw = answered((SCAN, "application/pdf", "a.pdf"), In_Reply_To=mid, **more).replace(
            b"<docs@", f"<docs{number}@".encode()
        )
        if number:
            raw = raw.replace(f"From: {THEIR_BOX}".encode(), b"From: evil@example.net")
        assert ours.take(raw)["class"] in ("auto_reply", "unmatched")
    assert ours.staff.get(id)["documents"] == []
