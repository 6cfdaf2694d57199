"""A library with requests at its desk, `ill` as staff call it, and a scanner that reads what was printed."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
import zxingcpp

from illcore import partners
from illcore.cli.faults import tell
from illcore.cli.plugged import as_command
from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Partner
from illcore.session import Session
from illcore.store import migrate
from illcore_delivery.commands import links, scan, slips

OWN = "ISIL:CN-110001"
OTHER = "ISIL:CN-440001"
NANJING = "ISIL:CN-320006"
LONDON = "ISIL:GB-UkLoBL"
POSTAL = {"line1": "汉口路22号", "locality": "南京"}
COMMANDS = {"slips": slips.app, "links": links.app, "scan": scan.scan}
CONFIG = """
library = "{own}"
database = "sqlite:///{folder}/ill.db"
language = "en"
[libraries."{own}"]
name_en = "National Library"
name_zh = "国家图书馆"
address = {{ line1 = "中关村南大街33号", locality = "北京", postal_code = "100081", country = "中国" }}
[libraries."{other}"]
name_en = "Guangzhou Library"
name_zh = "广州图书馆"
[accounts."delivery:main"]
url = "https://ill.example.org"
"""
Ill = Callable[..., tuple[int, str, str]]


class Desk:
    """Requests of the library, made in an engine without plugins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/ill.db"
        (folder / "ill.toml").write_text(CONFIG.format(own=OWN, other=OTHER, folder=folder), encoding="utf-8")
        migrate(self.url, {"delivery": "illcore_delivery:migrations"})
        self.engine = Engine.open(config=folder / "ill.toml", plugins=[])
        self.session = self.as_staff(OWN)
        with self.engine.database.write() as connection:
            for symbol, en, zh, address in (
                (
                    NANJING,
                    "Nanjing University Library",
                    "南京大学图书馆",
                    {"postal": {"line1": "汉口路22号", "locality": "南京"}},
                ),
                (LONDON, "British Library", "", {}),
            ):
                partner = Partner(symbol=symbol, name={"en": en, "zh": zh}, address=address, account="post:main")
                for library in (OWN, OTHER):
                    partners.put(connection, library, partner, self.engine.clock.now())

    def as_staff(self, library: str) -> Session:
        return self.engine.as_(Actor(kind="staff", id="wang", library=library, role="admin"))

    def asked(self, number: int, title: str = "红楼梦", library: str = OWN, **more: Any) -> str:
        """A partner's request."""
        new = {
            "role": "supplier",
            "service_type": "loan",
            "partner": NANJING,
            "requesting_agency_request_id": f"N-{number}",
            "citation": {"title": title, "author": "曹雪芹", "year": "1982", "publication_type": "Book"},
        }
        return self.as_staff(library).submit(new | more)

    def promised(
        self, number: int, location: str = "", call_number: str = "", title: str = "红楼梦", **more: Any
    ) -> str:
        """A partner's request that we shall fill."""
        id = self.asked(number, title, **more)
        self.session.act(id, "will_supply", location=location, call_number=call_number, barcode=f"B{number}")
        return id

    def close(self) -> None:
        self.engine.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


@pytest.fixture
def ill(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ill:
    """`ill("slips", "pull", …)`: exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ILL_CONFIG", raising=False)
    monkeypatch.delenv("ILL_DEBUG", raising=False)

    def run(name: str, *arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = as_command(name, COMMANDS[name]).main(
                args=list(arguments), prog_name=f"ill {name}", standalone_mode=False
            )
        except Exception as error:
            code = getattr(error, "exit_code", None) or tell(error, "illcore-delivery")
        out, err = capsys.readouterr()
        assert "fault of" not in err, err
        if "--json" in arguments and out:
            json.loads(out)
        return int(code or 0), out, err

    return run


def scanned(pdf: Path | bytes, dpi: int = 200) -> list[list[tuple[str, str]]]:
    """For each page, the codes that a scanner finds, row by row: (kind, text)."""
    pages = []
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            found = zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil().convert("L"))
            found = sorted(found, key=lambda code: (code.position.top_left.y // dpi, code.position.top_left.x))
            pages.append([(str(code.format), code.text) for code in found])
    return pages


@pytest.fixture(scope="session")
def scanner() -> Callable[..., list[list[tuple[str, str]]]]:
    return scanned
