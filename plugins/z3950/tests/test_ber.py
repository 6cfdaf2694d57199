"""BER: what is written is read back, however it arrives; what is wrong is refused at once and in one sentence."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from illcore_z3950 import values as v
from illcore_z3950.ber import APPLICATION, SEQUENCE, Decoder, Malformed, TooLong, ctx, decode, encode
from illcore_z3950.testing.answers import encode_indefinite

keys = st.builds(
    lambda base, number: base | number,
    st.sampled_from([0, APPLICATION, ctx(0), 3 << 24]),
    st.integers(1, 30) | st.sampled_from([31, 127, 128, 300, 16383, 16384, (1 << 24) - 1]),
)
nodes = st.recursive(
    st.tuples(keys, st.binary(max_size=300)),
    lambda inner: st.tuples(keys, st.lists(inner, max_size=5)),
    max_leaves=20,
)


@given(nodes)
def test_what_is_encoded_is_decoded(node):
    assert decode(encode(node)) == node
    assert decode(encode_indefinite(node)) == node


@given(st.lists(nodes, min_size=1, max_size=4), st.data())
def test_it_does_not_matter_how_the_octets_arrive(values, data):
    write = data.draw(st.sampled_from([encode, encode_indefinite]))
    octets = b"".join(write(value) for value in values)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(octets)), max_size=8)) | {0, len(octets)})
    decoder = Decoder()
    found = [value for a, b in itertools.pairwise(cuts) for value in decoder.feed(octets[a:b])]
    assert found == values
    assert not decoder.unfinished


def test_octet_by_octet():
    node = (ctx(25), [(ctx(300), b"x" * 200), (SEQUENCE, [(2, b"\x01"), (SEQUENCE, [])])])
    for octets in (encode(node), encode_indefinite(node)):
        decoder = Decoder()
        found = [decoder.feed(bytes((octet,))) for octet in octets]
        assert found[:-1] == [[]] * (len(octets) - 1)
        assert found[-1] == [node]


@given(st.binary(max_size=200))
def test_any_octets_are_read_or_refused(octets):
    decoder = Decoder(max_length=150)
    try:
        values = decoder.feed(octets)
    except Malformed:
        return
    assert values or decoder.unfinished or not octets


def test_a_length_beyond_the_limit_is_refused_when_its_header_arrives():
    with pytest.raises(TooLong, match="limit for one PDU is 1000"):
        Decoder(max_length=1000).feed(b"\xb7\x82\x03\xe6")
    assert Decoder(max_length=1000).feed(b"\xb7\x82\x03\xe4") == []


def test_indefinite_lengths_do_not_get_around_the_limit():
    decoder = Decoder(max_length=1000)
    part = b"\x04\x40" + b"x" * 64
    assert decoder.feed(b"\xb7\x80" + part * 15) == []
    with pytest.raises(TooLong):
        decoder.feed(part)


def test_the_limit_holds_for_each_value_and_not_for_all_together():
    octets = encode((ctx(1), b"x" * 900))
    assert len(Decoder(max_length=1000).feed(octets * 5)) == 5


def test_many_tiny_values_are_refused_before_they_fill_the_memory():
    with pytest.raises(TooLong, match="more than 100 values"):
        Decoder(max_elements=100).feed(encode((ctx(1), [(5, b"")] * 200)))


@pytest.mark.parametrize(
    ("octets", "what"),
    [
        (b"\xa0\x80" * 100, "nested deeper than 64"),
        (b"\x04\x80", "indefinite length on a primitive"),
        (b"\xa0\x03\x04\x05abcde", "longer than what encloses it"),
        (b"\xa0\x02\x00\x00", "end-of-contents"),
        (b"\x00\x00", "end-of-contents"),
        (b"\xbf\xff\xff\xff\xff\xff\x7f\x00", "tag number too large"),
        (b"\xa0\x89" + b"\x01" * 9, "length of 9 octets"),
    ],
)
def test_malformed(octets, what):
    with pytest.raises(Malformed, match=what):
        Decoder().feed(octets)


def test_decode_wants_exactly_one_value():
    with pytest.raises(Malformed, match="exactly one"):
        decode(b"\x04\x02a")
    with pytest.raises(Malformed, match="exactly one"):
        decode(b"\x05\x00\x05\x00")


@given(st.integers(-(2**70), 2**70))
def test_integers(number):
    _, content = v.integer(2, number)
    assert v.to_int(content) == number


@pytest.mark.parametrize(
    ("number", "octets"),
    [(0, "00"), (127, "7f"), (128, "0080"), (-128, "80"), (-129, "ff7f"), (3_000_000_000, "00b2d05e00")],
)
def test_integers_are_shortest(number, octets):
    assert v.integer(2, number)[1] == bytes.fromhex(octets)


@given(st.integers(0, 2), st.integers(0, 39), st.lists(st.integers(0, 2**40), max_size=6))
def test_object_identifiers(first, second, rest):
    dotted = ".".join(map(str, [first, second, *rest]))
    assert v.to_oid(v.oid(6, dotted)[1]) == dotted


def test_known_object_identifier():
    assert v.oid(6, "1.2.840.10003.5.10")[1] == bytes.fromhex("2a8648ce13050a")


@pytest.mark.parametrize("dotted", ["", "1", "3.1", "1.40", "1.x", "1.-2"])
def test_wrong_object_identifiers(dotted):
    with pytest.raises(ValueError, match="is not an object identifier"):
        v.oid(6, dotted)


@given(st.sets(st.integers(0, 40)))
def test_bit_strings(numbers):
    assert v.to_bits(v.bits(3, numbers)[1]) == numbers


def test_strings_in_segments_are_joined():
    assert v.to_octets([(4, b"ab"), (36, [(4, b"c"), (4, b"d")])]) == b"abcd"


def test_text_is_utf8_first_then_the_given_charset_and_never_mojibake():
    assert v.to_text("三体".encode()) == "三体"
    assert v.to_text("三体".encode("gbk"), "gb18030") == "三体"
    assert "\ufffd" in v.to_text("三体".encode("gbk"))
