"""Peers to test against: yaz-ztest, two Zebra servers with records made here, and yaz-client as the oracle."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pymarc
import pytest

from illcore_z3950.testing.samples import BRIDGE_MARC8, DREAM_CNMARC, THREE_BODY_CNMARC, gbk, iso2709, marc8

ZEBRA_TABLES = Path("/usr/share/idzebra-2.0/tab")


class Within:
    """A deadline on the real clock."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        return self._end - time.monotonic()


@pytest.fixture
def within() -> type[Within]:
    return Within


@pytest.fixture
def deadline() -> Within:
    return Within(30)


def need(*binaries: str) -> None:
    missing = [name for name in binaries if shutil.which(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed (Debian packages yaz and idzebra-2.0)")


@dataclass(frozen=True)
class Peer:
    host: str
    port: int


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def run_server(command: list[str], folder: Path) -> Iterator[Peer]:
    """Starts a server that takes its address as last argument, on a free port, and stops it afterwards."""
    for _ in range(5):
        port = free_port()
        process = subprocess.Popen(
            [*command, f"tcp:127.0.0.1:{port}"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if is_listening(process, port):
            break
        process.kill()
        process.wait()
    else:
        pytest.fail(f"{command[0]} did not start")
    try:
        yield Peer("127.0.0.1", port)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def is_listening(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + 15
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


@pytest.fixture(scope="session")
def ztest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    need("yaz-ztest", "yaz-client")
    folder = tmp_path_factory.mktemp("ztest")
    (folder / "dummy-words").write_text("apple:3\nbook:5\ncat:2\ndog:1\n")
    yield from run_server(["yaz-ztest", "-l", str(folder / "log")], folder)


def marc(number: int, title: str, author: str, isbn: str = "", year: int = 2000) -> pymarc.Record:
    record = pymarc.Record(force_utf8=True)
    record.add_field(pymarc.Field(tag="001", data=f"rec{number:05d}"))
    record.add_field(pymarc.Field(tag="008", data=f"000101s{year}    cc            000 0 chi d"))
    if isbn:
        record.add_field(pymarc.Field("020", subfields=[pymarc.Subfield("a", isbn)]))
    record.add_field(pymarc.Field("100", pymarc.Indicators("1", " "), [pymarc.Subfield("a", author)]))
    record.add_field(pymarc.Field("245", pymarc.Indicators("1", "0"), [pymarc.Subfield("a", title)]))
    return record


WORDS = ("river", "library", "history", "garden", "music")


@pytest.fixture(scope="session")
def books() -> list[pymarc.Record]:
    made = [
        marc(1, "三体", "刘慈欣", "9787536692930", 2008),
        marc(2, "The three-body problem", "Liu, Cixin", "9780765377067", 2014),
        marc(3, "红楼梦", "曹雪芹", "9787020002207", 1996),
        marc(4, "Über die Bibliothek", "Müller, Jürgen", year=1977),
        marc(5, "L'été à la communauté", "Lefèvre, Zoé", year=1985),
    ]
    for number in range(6, 41):
        words = f"{WORDS[number % 5]} of the {WORDS[number * 3 % 5]} volume {number}"
        made.append(marc(number, words.capitalize(), f"Author, Number{number % 7}", year=1960 + number))
    return made


@pytest.fixture(scope="session")
def serials() -> list[pymarc.Record]:
    return [marc(100 + n, f"Journal of {word}", "Editors", year=1990 + n) for n, word in enumerate(WORDS)]


INDEXES = """\
index w
completeness 0
position 1
alwaysmatches 1
firstinfield 1
icuchain words.xml
index p
completeness 1
icuchain words.xml
"""
WORDS_CHAIN = """\
<icu_chain locale="en">
  <tokenize rule="l"/>
  <transform rule="[[:WhiteSpace:][:Punctuation:]] Remove"/>
  <display/>
  <casemap rule="l"/>
</icu_chain>
"""
FIELDS = """\
name catalogue
encoding utf-8
attset bib1.att
esetname F @
esetname B @
marc usmarc.mar
xpath disable
all any
melm 020$a ISBN:w,Identifier-standard:w
melm 100 author,author:p
melm 245 title,title:p
"""


TRANSPARENT = """\
name octets
encoding iso-8859-1
attset bib1.att
esetname F @
esetname B @
marc usmarc.mar
xpath disable
all any
melm 010$a ISBN:w
melm 020$a ISBN:w
melm 200 title
melm 245 title
melm 701 author
melm 100 author
"""


@pytest.fixture(scope="session")
def zebra_octets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Databases `cnmarc` in GBK and `marc8` in MARC-8, of a Zebra that takes all octets for Latin-1 and keeps them."""
    need("zebraidx", "zebrasrv", "yaz-client")
    folder = tmp_path_factory.mktemp("zebra-octets")
    cnmarc = [iso2709(THREE_BODY_CNMARC, gbk), iso2709(DREAM_CNMARC, gbk)]
    contents = {"cnmarc": cnmarc, "marc8": [iso2709(BRIDGE_MARC8, marc8)]}
    build_zebra(folder, contents, "perm.anonymous: r\n", encoding="iso-8859-1", fields=TRANSPARENT)
    yield from run_server(["zebrasrv", "-c", "zebra.cfg", "-l", str(folder / "log")], folder)


def build_zebra(
    folder: Path,
    contents: Mapping[str, Sequence[pymarc.Record | bytes]],
    extra: str,
    *,
    encoding: str = "utf-8",
    fields: str = FIELDS,
) -> None:
    modules = next(Path("/usr/lib").glob("*/idzebra-2.0/modules"), None)
    if modules is None or not ZEBRA_TABLES.is_dir():
        pytest.skip("Zebra's tables or modules not found (Debian package idzebra-2.0)")
    (folder / "register").mkdir()
    (folder / "lock").mkdir()
    if encoding == "utf-8":
        (folder / "default.idx").write_text(INDEXES)
        (folder / "words.xml").write_text(WORDS_CHAIN)
    (folder / "catalogue.abs").write_text(fields)
    (folder / "zebra.cfg").write_text(
        f"profilePath: {folder}:{ZEBRA_TABLES}\nmodulePath: {modules}\nattset: bib1.att\n"
        f"recordType: grs.marcxml.catalogue\nencoding: {encoding}\nstoreData: 1\nstoreKeys: 1\n"
        f"register: {folder}/register:50M\nlockDir: {folder}/lock\n{extra}"
    )
    for database, records in contents.items():
        file = folder / f"{database}.mrc"
        file.write_bytes(b"".join(each if isinstance(each, bytes) else each.as_marc() for each in records))
        subprocess.run(
            ["zebraidx", "-c", "zebra.cfg", "-d", database, "update", str(file)],
            cwd=folder,
            check=True,
            capture_output=True,
        )


@pytest.fixture(scope="session")
def zebra(
    tmp_path_factory: pytest.TempPathFactory, books: list[pymarc.Record], serials: list[pymarc.Record]
) -> Iterator[Peer]:
    """Databases `main` (the books) and `serials`, no login."""
    need("zebraidx", "zebrasrv", "yaz-client")
    folder = tmp_path_factory.mktemp("zebra")
    build_zebra(folder, {"main": books, "serials": serials}, "perm.anonymous: r\n")
    yield from run_server(["zebrasrv", "-c", "zebra.cfg", "-l", str(folder / "log")], folder)


@pytest.fixture(scope="session")
def zebra_with_login(tmp_path_factory: pytest.TempPathFactory, books: list[pymarc.Record]) -> Iterator[Peer]:
    """Database `main` for user `ill` with password `secret`."""
    need("zebraidx", "zebrasrv", "yaz-client")
    folder = tmp_path_factory.mktemp("zebra-login")
    (folder / "passwd").write_text("ill:secret\n")
    build_zebra(folder, {"main": books}, f"perm.ill: r\npasswd: {folder}/passwd\n")
    yield from run_server(["zebrasrv", "-c", "zebra.cfg", "-l", str(folder / "log")], folder)


RETRIEVAL = """\
<yazgfs><server id="all"><directory>{folder}</directory><config>zebra.cfg</config>
<cql2rpn>/usr/share/yaz/etc/pqf.properties</cql2rpn>
<retrievalinfo><retrieval syntax="usmarc" name="F"/><retrieval syntax="usmarc"/>
<retrieval syntax="xml" name="marcxml" identifier="info:srw/schema/1/marcxml-v1.1"><backend syntax="usmarc" name="F">
<marc inputformat="marc" outputformat="marcxml" inputcharset="utf-8"/></backend></retrieval>
<retrieval syntax="xml" name="dc" identifier="info:srw/schema/1/dc-v1.1"><backend syntax="usmarc" name="F">
<marc inputformat="marc" outputformat="marcxml" inputcharset="utf-8"/>
<xslt stylesheet="/usr/share/yaz/etc/MARC21slim2DC.xsl"/></backend></retrieval>
<retrieval syntax="xml" name="mods" identifier="info:srw/schema/1/mods-v3.0"><backend syntax="usmarc" name="F">
<marc inputformat="marc" outputformat="marcxml" inputcharset="utf-8"/>
<xslt stylesheet="/usr/share/yaz/etc/MARC21slim2MODS.xsl"/></backend></retrieval></retrievalinfo>
<explain xmlns="http://explain.z3950.org/dtd/2.0/"><serverInfo><host>127.0.0.1</host><port>0</port>
<database>main</database></serverInfo><databaseInfo><title>Test catalogue</title></databaseInfo>
<indexInfo><index><title>Title</title><map><name set="dc">title</name></map></index></indexInfo>
<schemaInfo><schema identifier="info:srw/schema/1/marcxml-v1.1" name="marcxml"><title>M</title></schema></schemaInfo>
</explain></server></yazgfs>
"""


def _sru_zebra(folder: Path, books: list[pymarc.Record], extra: str) -> Iterator[Peer]:
    need("zebraidx", "zebrasrv", "yaz-client")
    if not Path("/usr/share/yaz/etc/pqf.properties").is_file():
        pytest.skip("the CQL map of YAZ was not found (Debian package yaz)")
    build_zebra(folder, {"main": books}, extra)
    (folder / "yazgfs.xml").write_text(RETRIEVAL.format(folder=folder))
    yield from run_server(["zebrasrv", "-f", "yazgfs.xml", "-l", str(folder / "log")], folder)


@pytest.fixture(scope="session")
def sru(tmp_path_factory: pytest.TempPathFactory, books: list[pymarc.Record]) -> Iterator[Peer]:
    """Database `main` over SRU, with schemas marcxml, dc and mods."""
    yield from _sru_zebra(tmp_path_factory.mktemp("sru"), books, "perm.anonymous: r\n")


@pytest.fixture(scope="session")
def sru_with_login(tmp_path_factory: pytest.TempPathFactory, books: list[pymarc.Record]) -> Iterator[Peer]:
    """The same for user `ill` with password `secret`."""
    folder = tmp_path_factory.mktemp("sru-login")
    (folder / "passwd").write_text("ill:secret\n")
    yield from _sru_zebra(folder, books, f"perm.ill: r\npasswd: {folder}/passwd\n")


@dataclass(frozen=True)
class Heard:
    """What yaz-client reports: hits, diagnostic codes in order, and the MARC octets it was shown."""

    hits: int
    codes: list[int]
    marc: bytes


class YazClient:
    """Runs yaz-client for one query and reads its report."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def ask(self, peer: Peer, query: str, databases: list[str], show: str = "") -> Heard:
        dump = self._folder / "dump.mrc"
        dump.unlink(missing_ok=True)
        lines = [
            f"open tcp:{peer.host}:{peer.port}",
            f"base {' '.join(databases)}",
            "format usmarc",
            f"set_marcdump {dump}",
            f"find {query}",
        ]
        lines += [f"show {show}"] if show else []
        done = subprocess.run(
            ["yaz-client"],
            input="\n".join([*lines, "quit", ""]).encode(),
            capture_output=True,
            timeout=60,
            cwd=self._folder,
            check=True,
        )
        report = done.stdout.decode("utf-8", "replace")
        hits = re.search(r"Number of hits: (\d+)", report)
        assert hits is not None, report
        codes = [int(code) for code in re.findall(r"^ *\[(\d+)\] ", report, re.MULTILINE)]
        return Heard(int(hits[1]), codes, dump.read_bytes() if dump.exists() else b"")


@pytest.fixture
def yaz_client(tmp_path: Path) -> YazClient:
    need("yaz-client")
    return YazClient(tmp_path)
