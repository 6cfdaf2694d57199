"""What an account may set: little is required, and what is wrong is named."""

from __future__ import annotations

import pytest

import illcore_z3950
from illcore.accounts import check_config
from illcore.errors import ConfigError
from illcore_z3950.access import access_points
from illcore_z3950.config import SruConfig, Z3950Config
from illcore_z3950.records.fields import DEFAULT
from illcore_z3950.rpn import Attribute

LEAST = {"host": "h", "port": 210, "database": "main"}


def test_only_three_keys_are_required():
    config = Z3950Config.model_validate(LEAST)
    assert (config.query_charset, config.record_charset, config.holdings) == ("utf-8", "utf-8", DEFAULT)
    assert not config.negotiate
    assert sum(seconds for _, seconds in config.timeouts) < 30
    assert sum(seconds for _, seconds in SruConfig(url="http://h/x").timeouts) < 30


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"port": None}, "port"),
        ({"database": "a++b"}, "database has an empty name"),
        ({"syntax": "nosuch"}, "record syntax 'nosuch' is not known"),
        ({"query_charset": "klingon"}, "'klingon' is not a known character set"),
        ({"record_charset": "klingon"}, "'klingon' is not a known character set"),
        ({"holdings": ["999"]}, "holdings field '999' is not known"),
        ({"holdings": [{"tag": "9"}]}, "holdings.0.tag"),
        ({"attributes": {"isbn": ["seven"]}}, "'seven' is not a list of attributes"),
        ({"timeouts": {"conect": 1}}, "timeouts.conect"),
        ({"timeouts": {"search": 0}}, "timeouts.search"),
        ({"password": "x"}, "password is set but user is not"),
        ({"hostname": "x"}, "did you mean host"),
    ],
)
def test_what_is_wrong_is_named(given, what):
    with pytest.raises(ConfigError, match=what):
        check_config(Z3950Config, LEAST | given, ())


def test_syntaxes_may_be_text_or_list():
    assert Z3950Config.model_validate(LEAST | {"syntax": "OPAC, usmarc"}).syntax == ("opac", "usmarc")
    assert Z3950Config.model_validate(LEAST | {"syntax": ["cnmarc"]}).syntax == ("cnmarc",)


def test_attributes_replace_the_usual_ones():
    config = Z3950Config.model_validate(LEAST | {"attributes": {"title": ["1=5 4=6", "1=4"]}})
    points = access_points(config.attributes)
    assert points.title == ((Attribute(1, 5), Attribute(4, 6)), (Attribute(1, 4),))
    assert points.isbn[0] == (Attribute(1, 7),)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"url": "https://h/sru?x=1"}, "https://h/sru?x=1"),
        (LEAST, "http://h:210/main"),
        (LEAST | {"tls": True}, "https://h:210/main"),
    ],
)
def test_sru_address(given, url):
    assert SruConfig.model_validate(given).url == url


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({}, "give url, or host, port and database"),
        ({"host": "h"}, r"missing: port, database"),
        ({"url": "ftp://x"}, "url"),
        ({"url": "http://h/", "port": 1}, "url says it all; leave out port"),
        ({"url": "http://h/", "version": "3.0"}, "version"),
    ],
)
def test_a_wrong_sru_address_is_named(given, what):
    with pytest.raises(ConfigError, match=what):
        check_config(SruConfig, given, ())


def test_registering_loads_no_protocol():
    import subprocess
    import sys

    code = (
        "import sys, illcore_z3950; illcore_z3950.illcore_register();"
        "print([m for m in ('httpx', 'pymarc', 'rapidfuzz', 'illcore_z3950.client') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert [kind.name for kind in illcore_z3950.illcore_register().connectors] == ["z3950", "sru"]
