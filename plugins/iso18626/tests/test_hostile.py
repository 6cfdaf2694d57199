"""Bodies from a stranger: refused in one sentence, quickly, without reading anything else."""

from pathlib import Path

import pytest

from illcore_iso18626.reader import TooLarge, Unparseable, read_message

MESSAGE = (
    "<ISO18626Message xmlns='http://illtransactions.org/2013/iso18626'><request><bibliographicInfo>"
    "<title>{}</title></bibliographicInfo></request></ISO18626Message>"
)
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 if n > 1 else str()};" * 10}">' for n in range(1, 10))
    + "]>"
)


def _refusal(body: bytes) -> str:
    with pytest.raises(Unparseable) as refused:
        read_message(body)
    assert "\n" not in refused.value.reason
    return refused.value.reason


@pytest.mark.parametrize("where", ["general", "parameter"])
def test_a_file_of_this_machine_cannot_be_read_through_an_entity(tmp_path: Path, where: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret")
    name = "x" if where == "general" else "% x"
    body = f'<!DOCTYPE r [<!ENTITY {name} SYSTEM "{secret.as_uri()}">]>' + MESSAGE.format("&x;")
    reason = _refusal(body.encode())
    assert "DOCTYPE" in reason
    assert "a secret" not in reason


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(LAUGHS + MESSAGE.format("&lol9;"), id="billion laughs"),
        pytest.param('<!DOCTYPE r [<!ENTITY a "b">]>' + MESSAGE.format("&a;"), id="internal entity"),
        pytest.param("<!DOCTYPE ISO18626Message>" + MESSAGE.format("x"), id="bare DOCTYPE"),
        pytest.param('<!DOCTYPE r SYSTEM "http://example.invalid/x.dtd">' + MESSAGE.format("x"), id="external DTD"),
        pytest.param('<!-- x --><?x y?>\n<!DOCTYPE r [<!ATTLIST a b CDATA "c">]><r/>', id="DOCTYPE after a comment"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused(body: str, encoding: str) -> None:
    assert "DOCTYPE" in _refusal(body.replace("\n", " ").encode(encoding))


def test_an_entity_that_nobody_declared_is_refused() -> None:
    assert "undefined entity" in _refusal(MESSAGE.format("&nbsp;").encode())


def test_a_depth_bomb_is_refused() -> None:
    bomb = "<a>" * 100_000 + "</a>" * 100_000
    assert _refusal(MESSAGE.format(bomb).encode()) == "elements are nested deeper than 64"


def test_the_depth_that_is_allowed_is_a_parameter() -> None:
    body = MESSAGE.format("<b>x</b>").encode()
    assert not read_message(body, max_depth=5).warnings
    with pytest.raises(Unparseable, match="nested deeper than 4"):
        read_message(body, max_depth=4)


def test_too_many_elements_are_refused() -> None:
    assert _refusal(MESSAGE.format("<a/>" * 30_000).encode()) == "the message has more than 20000 elements"


def test_too_many_attributes_are_refused() -> None:
    attributes = " ".join(f'a{n}="{n}"' for n in range(1000))
    assert "more than 64 attributes" in _refusal(MESSAGE.format(f"<a {attributes}/>").encode())


def test_six_megabytes_are_refused_before_they_are_parsed() -> None:
    with pytest.raises(TooLarge, match="the message has 6000000 bytes; at most 5000000 are accepted"):
        read_message(b"<" * 6_000_000)


def test_the_size_that_is_allowed_is_a_parameter() -> None:
    with pytest.raises(TooLarge):
        read_message(MESSAGE.format("x" * 100).encode(), max_bytes=100)


def test_a_title_of_four_megabytes_is_read() -> None:
    title = "书" * 1_300_000
    assert read_message(MESSAGE.format(title).encode()).message.bibliographic_info.title == title  # type: ignore[union-attr]


def test_a_text_that_comes_19000_times_is_read_whole() -> None:
    body = MESSAGE.format("x</title><volume>" + "</volume><volume>".join(["y" * 240] * 19_000) + "</volume><title>")
    assert len(read_message(body.encode()).message.bibliographic_info.volume) == 19_000 * 242 - 2  # type: ignore[union-attr, arg-type]


@pytest.mark.parametrize("cut", [1, 20, 100, 120])
def test_a_truncated_message_is_refused(cut: int) -> None:
    assert "not well-formed XML" in _refusal(MESSAGE.format("x").encode()[:-cut])


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"hello", id="text"),
        pytest.param(b'{"request": {}}', id="JSON"),
        pytest.param(b"\x00\x01\x02\xff", id="binary"),
        pytest.param(b"<html><body>502 Bad Gateway<br></body></html>", id="HTML"),
        pytest.param(b"<a x:y='1'/>", id="prefix without namespace"),
        pytest.param(MESSAGE.format("a\x0bb").encode(), id="control character"),
        pytest.param(MESSAGE.format("a&#11;b").encode(), id="reference to a control character"),
        pytest.param(MESSAGE.format("馆").encode("gb18030"), id="GBK without declaration"),
        pytest.param(MESSAGE.format("x").encode() * 2, id="two documents"),
    ],
)
def test_what_is_not_xml_is_refused(body: bytes) -> None:
    assert "not well-formed XML" in _refusal(body)


@pytest.mark.parametrize("body", [b"", b" \r\n", b"\xef\xbb\xbf", "\ufeff".encode("utf-16-le")])
def test_an_empty_body_is_refused(body: bytes) -> None:
    assert "the body is empty" in _refusal(body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<html/>", 'the root element is "html"; expected ISO18626Message in'),
        ("<NCIPMessage xmlns='http://www.niso.org/2008/ncip'/>", "expected ISO18626Message in"),
        ("<request xmlns='urn:other'/>", "expected ISO18626Message in"),
        ("<ISO18626Message/>", "the ISO18626Message holds no message"),
        ("<ISO18626Message><order/></ISO18626Message>", 'holds no message that ISO 18626 knows but "order"'),
        ("<ISO18626Message><request/><request/></ISO18626Message>", "holds 2 messages; exactly one is allowed"),
        (
            "<ISO18626Message><request/><requestConfirmation/></ISO18626Message>",
            "holds 2 messages; exactly one is allowed",
        ),
    ],
)
def test_what_is_not_one_message_is_refused(body: str, reason: str) -> None:
    assert reason in _refusal(body.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_read(encoding: str) -> None:
    body = '<?xml version="1.0" encoding="UTF-16"?>' + MESSAGE.format("馆际互借 𠀀")
    assert read_message(body.encode(encoding)).message.bibliographic_info.title == "馆际互借 𠀀"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("declared", "sent"),
    [
        ("GBK", "gbk"),
        ("gb2312", "gbk"),
        ("GB18030", "gb18030"),
        ("Big5", "big5"),
        ("UTF-8", "utf-8-sig"),
        ("utf-16", "utf-8"),
    ],
)
def test_a_declared_encoding_is_read(declared: str, sent: str) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?>\n' + MESSAGE.format("文獻傳遞")
    assert read_message(body.encode(sent)).message.bibliographic_info.title == "文獻傳遞"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "the encoding utf-7 is not supported; send UTF-8"),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', "the encoding rot13 is not supported"),
        (b'<?xml version="1.0" encoding="GBK"?><a>\xff\xff</a>', "not in the encoding it declares (gb18030)"),
        ("<a/>".encode("utf-32"), "UTF-32; send UTF-8"),
        (b"\xff\xfe<\x00a", "not in the encoding it declares (utf-16)"),
        (b"\xff\xfe<\x00a\x00\x00\xd8", "not in the encoding it declares (utf-16)"),
    ],
)
def test_an_encoding_that_is_wrong_or_unknown_is_named(body: bytes, reason: str) -> None:
    assert reason in _refusal(body)
