"""Eight processes race for the five places of a title; five copies are asked for, whoever is faster."""

import subprocess
import sys
from pathlib import Path

from illcore.engine import Engine
from illcore.events import Actor
from illcore.model import Partner
from illcore.partners import put
from illcore.store import create_schema
from illcore.testing.fakes import FakePlugin, given
from illcore.testing.network import Network

RACER = Path(__file__).with_name("racer.py")
RACERS, EACH = 8, 3


def article(number):
    citation = {"title": "Library Trends", "title_of_component": f"Article {number}", "publication_type": "Article"}
    citation |= {"year": "2026", "volume": "1", "doi": f"10.1000/{number}"}
    return {"service_type": "copy", "citation": citation, "suppliers": ["ISIL:B"]}


def test_two_requests_never_get_the_last_place(pg_url):
    create_schema(pg_url)
    config = {"library": "ISIL:A", "accounts": {"wire:main": {}, "fake:main": {"label": "main"}}}
    plugins = [given(Network().plugin()), given(FakePlugin(hooks=("copyright",)))]
    engine = Engine.open(pg_url, config, plugins=plugins)
    with engine.database.write() as connection:
        put(connection, "ISIL:A", Partner(symbol="ISIL:B", account="wire:main"), engine.clock.now())
    staff = engine.as_(Actor(kind="staff", id="anna", library="ISIL:A", role="admin"))
    ids = [staff.submit(article(number)) for number in range(RACERS * EACH)]
    assert {row["state"] for row in staff.find()} == {"locating"}
    subprocess.run([sys.executable, str(RACER), pg_url, str(RACERS), *ids], check=True, timeout=120)
    states = [row["state"] for row in staff.find()]
    assert (len(states), states.count("sent")) == (RACERS * EACH, 5)
    assert set(states) == {"sent", "review"}
    assert len(staff.ledger()) == 5
    engine.close()
