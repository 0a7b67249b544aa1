"""The handshake line, the cookie's configuration and the choice of a version."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goplugin import wire
from goplugin.wire import (
    HandshakeConfig,
    HandshakeLine,
    Limits,
    LocalProtocolError,
    RemoteProtocolError,
    negotiate_version,
)
from goplugin.wire.handshake import parse_versions

CERTIFICATE = "MIIB" * 20


LINE = HandshakeLine(core_version=1, app_version=1, network="unix", address="/tmp/p/s")


def test_a_line_is_what_gos_server_writes() -> None:
    assert LINE.format() == "1|1|unix|/tmp/p/s|netrpc|"


def test_a_line_may_carry_a_certificate_and_the_seventh_segment() -> None:
    full = LINE._replace(server_certificate=CERTIFICATE, multiplexing=True)
    assert full.format() == f"1|1|unix|/tmp/p/s|netrpc|{CERTIFICATE}|true"
    assert LINE._replace(multiplexing=False).format() == "1|1|unix|/tmp/p/s|netrpc||false"
    assert HandshakeLine.parse(full.format()) == full


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1|1|unix|/tmp/p/s|netrpc|\n", LINE),
        ("  1|1|unix|/tmp/p/s|netrpc|\r\n", LINE),
        ("1|1|unix|/tmp/p/s", LINE),
        ("1|5|unix|/tmp/p/s|netrpc", LINE._replace(app_version=5)),
        ("1|1|unix|/tmp/p/s||", LINE),
        ("1|1|unix|/tmp/p/s|netrpc|old extra text", LINE),
        (f"1|1|unix|/tmp/p/s|netrpc|{CERTIFICATE}", LINE._replace(server_certificate=CERTIFICATE)),
        ("1|1|unix|/tmp/p/s|netrpc||true", LINE._replace(multiplexing=True)),
        ("1|1|unix|/tmp/p/s|netrpc||0|more|of|it", LINE._replace(multiplexing=False)),
    ],
)
def test_a_line_is_read_as_gos_client_reads_it(text: str, expected: HandshakeLine) -> None:
    assert HandshakeLine.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "offset", "rule"),
    [
        ("", 0, "'' is no handshake of a plugin"),
        ("Usage: plugin [options]", 0, "'Usage: plugin .options.' is no handshake"),
        ("1|1|unix", 0, "is no handshake"),
        ("one|1|unix|/s", 0, "core protocol version is 'one', expected an integer"),
        ("2|1|unix|/s", 0, "core protocol version is 2, expected 1"),
        ("1|x|unix|/s", 2, "application protocol version is 'x', expected an integer"),
        ("1|1_0|unix|/s", 2, "application protocol version is '1_0', expected an integer"),
        ("1|1|tcp|127.0.0.1:1234", 4, "network is 'tcp', expected 'unix'"),
        ("  1|1|tcp|127.0.0.1:1234", 6, "network is 'tcp', expected 'unix'"),
        ("1|1|unix||netrpc|", 9, "the address is empty"),
        (
            "1|1|unix|/s|grpc|",
            12,
            "plugin protocol is 'grpc', expected 'netrpc': build the plugin for net/rpc",
        ),
        ("1|1|unix|/ü|grpc|", 13, "plugin protocol is 'grpc'"),
        ("1|1|unix|/\udcff|grpc|", 12, "plugin protocol is 'grpc'"),
        (
            "1|1|unix|/s|netrpc||perhaps",
            20,
            "gRPC multiplexing is 'perhaps', expected 'true' or 'false'",
        ),
    ],
)
def test_a_line_that_is_none_is_refused_at_its_place(text: str, offset: int, rule: str) -> None:
    with pytest.raises(RemoteProtocolError, match=rule) as caught:
        HandshakeLine.parse(text)
    assert caught.value.offset == offset


def test_a_line_that_is_too_long_is_refused() -> None:
    with pytest.raises(
        RemoteProtocolError, match="handshake line of 11 characters, expected 10 at most"
    ):
        HandshakeLine.parse("1|1|unix|/s", Limits(handshake_line_chars=10))


def test_an_error_shows_the_beginning_of_a_long_line_only() -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        HandshakeLine.parse("x" * 60_000)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (LINE._replace(core_version=2), "core_version is 2, expected 1"),
        (LINE._replace(network="tcp"), "network is 'tcp', expected 'unix'"),
        (LINE._replace(protocol="grpc"), "protocol is 'grpc', expected 'netrpc'"),
        (LINE._replace(address=""), "address is empty"),
        (LINE._replace(address="/a|b"), "address '/a.b' does not fit between two bars of one line"),
        (LINE._replace(address="/a\nb"), "does not fit"),
        (LINE._replace(address="/a "), "does not fit"),
        (LINE._replace(server_certificate="a\rb"), "server_certificate 'a..b' does not fit"),
    ],
)
def test_a_line_that_the_host_cannot_read_is_not_written(line: HandshakeLine, reason: str) -> None:
    with pytest.raises(LocalProtocolError, match=reason):
        line.format()


def test_the_host_checks_the_plugins_version() -> None:
    LINE._replace(app_version=2).require_version([1, 2])
    with pytest.raises(
        RemoteProtocolError, match=r"the plugin speaks version 3 .* expected one of: 1, 2"
    ) as caught:
        LINE._replace(app_version=3).require_version([2, 1])
    assert caught.value.offset == 2


@pytest.mark.parametrize(
    ("ours", "host", "chosen"),
    [
        ([1], "1", 1),
        ([1], "", 1),
        ([1, 2, 3], "1,2", 2),
        ([1, 2, 3], "2,3,4", 3),
        ([1, 2], "2,1", 2),
        ([3, 5], "1,2", 3),
        ([3, 5], "", 3),
        ([1, 2], "x,2", 2),
        ([1, 2], " 2", 1),
        ([0], "+0", 0),
    ],
)
def test_the_newest_common_version_is_chosen_or_our_oldest(
    ours: list[int], host: str, chosen: int
) -> None:
    assert negotiate_version(ours, host) == chosen


def test_entries_that_are_no_versions_are_told() -> None:
    assert parse_versions("1,x,,-2, 3,4_0") == ([1, -2], ["x", "", " 3", "4_0"])
    assert parse_versions("") == ([], [])


def test_a_plugin_without_a_version_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="the plugin has no version"):
        negotiate_version([], "1")


@pytest.mark.parametrize(
    ("key", "value"), [("", "metricprovider"), ("ARGO_ROLLOUTS_RPC_PLUGIN", "")]
)
def test_an_empty_cookie_is_refused(key: str, value: str) -> None:
    with pytest.raises(LocalProtocolError, match="must not be empty"):
        HandshakeConfig(1, key, value)


def test_what_argo_rollouts_uses_is_accepted() -> None:
    config = HandshakeConfig(1, "ARGO_ROLLOUTS_RPC_PLUGIN", "metricprovider")
    assert config.protocol_version == 1


def test_a_negative_version_is_refused() -> None:
    with pytest.raises(LocalProtocolError, match="protocol_version is -1"):
        HandshakeConfig(-1, "KEY", "value")


@settings(deadline=None)
@given(text=st.text(alphabet="01|unixnetrpc/ \n", max_size=60) | st.text(max_size=200))
def test_any_text_is_a_line_or_an_error(text: str) -> None:
    try:
        parsed = HandshakeLine.parse(text)
    except RemoteProtocolError as error:
        offset = error.offset
    else:
        assert HandshakeLine.parse(parsed.format()) == parsed
        offset = 0
    assert 0 <= offset <= len(text.encode(errors="surrogatepass"))


def test_the_wire_names_its_layers_when_they_are_first_used() -> None:
    named = wire.__getattr__("gob")  # an import elsewhere may have made it an attribute already
    assert named is wire.gob
    with pytest.raises(AttributeError, match="no attribute 'grpc'"):
        wire.__getattr__("grpc")
