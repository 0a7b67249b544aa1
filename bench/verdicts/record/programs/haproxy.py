"""HAProxy before two services, with its HTTP log."""

import random
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian, filled
from bench.verdicts.record._traffic import HttpClient, Request, drive, listens

_CONFIG = """
global
  log stdout format raw local0 {level}
  maxconn {maxconn}
  {global}
defaults
  log global
  mode http
  option httplog
  timeout connect 800ms
  timeout client 10s
  timeout server 800ms
frontend shop
  bind 127.0.0.1:{port}
  acl payments path_beg /payments
  http-request return status 200 if {{ path /healthz }}
  {front}
  use_backend payments if payments
  default_backend catalogue
backend catalogue
  http-request set-path /ok%[path]
  server c1 {backend} check inter 2s
backend payments
  http-request set-path {mode}%[path]
  {check}
  server p1 {upstream} check inter 1s fall 2 {server}
{more}
"""
_LIMIT = (
    "stick-table type ip size 1k expire 10s store http_req_rate(1s)\n"
    "  http-request track-sc0 src\n"
    "  http-request deny deny_status 429 if payments {{ sc_http_req_rate(0) gt 1 }}"
)
_CHANGES: dict[str, dict[str, str]] = {
    "new-release": {"front": "http-response set-header X-Release 2.8"},
    "more-notices": {"level": "debug", "maxconn": "400"},
    "upstream-down": {"upstream": "127.0.0.1:{other_port}"},
    "upstream-hangs": {"mode": "/hang"},
    "upstream-slow": {"mode": "/slow"},
    "upstream-503": {"mode": "/unavailable"},
    "upstream-unknown": {"upstream": "payments.shop.invalid:8080"},
    "expired-certificate": {
        "upstream": "{tls}",
        "server": "ssl verify required ca-file {ca}",
    },
    "syntax": {"more": "backnd new\n  server n1 127.0.0.1:9"},
    "missing-certificate": {
        "more": "frontend tls\n  bind 127.0.0.1:{other_port} ssl crt {folder}/shop.pem"
    },
    "port-taken": {"more": "frontend two\n  bind 127.0.0.1:{taken}\n  default_backend catalogue"},
    "rate-limit": {"front": _LIMIT.replace("{{", "{").replace("}}", "}")},
    "failing-check": {"check": "option httpchk GET /unavailable"},
    "wrong-status": {"front": "http-request return status 500 if payments { rand(10) lt 2 }"},
    "dropped-route": {"front": "http-request return status 404 if payments"},
}


class Haproxy:
    """Each scenario is a configuration."""

    name = "haproxy"
    rest = 2.0
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("new-release"),
        Scenario("more-notices"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("upstream-down", "connection-refused", r"Connection refused|NOSRV"),
        Scenario("upstream-hangs", "timeout", r" 504 .*sH"),
        Scenario("upstream-slow", "slow-dependency"),
        Scenario("upstream-503", "upstream-unavailable", r" payments/p1 \S+ 503 "),
        Scenario("upstream-unknown", "dns", r"could not resolve address"),
        Scenario(
            "expired-certificate", "expired-certificate", r"SSL handshake failure|NOSRV|certificate"
        ),
        Scenario("syntax", "config-syntax", r"\[ALERT\]"),
        Scenario("missing-certificate", "wrong-config", r"\[ALERT\]"),
        Scenario("port-taken", "port-in-use", r"\[ALERT\].*|Address already in use"),
        Scenario("rate-limit", "rate-limit", r" 429 "),
        Scenario("failing-check", "upstream-unavailable", r"is DOWN|NOSRV"),
        Scenario("wrong-status", "wrong-status", r" 500 "),
        Scenario("dropped-route", "dropped-feature", r"payments \S+ \S+ 404 | 404 "),
        Scenario("killed", "killed"),
    )

    def prepare(self, tools: Path) -> None:
        """See `_tools.debian`."""
        del tools
        debian("haproxy", "haproxy")

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """A configuration."""
        backend = place.backend.rpartition("/")[2]
        names = {
            "folder": place.folder,
            "other_port": place.other_port,
            "tls": place.tls_backend.rpartition("/")[2],
            "taken": backend.rpartition(":")[2],
            "ca": place.ca_file,
        }
        settings = {"level": "info", "maxconn": "200", "mode": "/ok", "upstream": backend}
        settings |= dict.fromkeys(("global", "front", "check", "server", "more"), "")
        settings = filled(settings | _CHANGES.get(scenario.name, {}), names)
        config = place.folder / "haproxy.cfg"
        config.write_text(_CONFIG.format(port=place.port, backend=backend, **settings))
        return Launch(
            [debian("haproxy", "haproxy"), "-db", "-f", str(config)],
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Customers of both services."""
        del scenario
        return drive(traffic, lambda: HttpClient(place.port, _request))


def _request(chance: random.Random) -> Request:
    if chance.random() < 0.7:
        return Request("GET", f"/catalogue/{chance.randrange(300)}")
    return Request("POST", "/payments", '{"cents": 900}')
