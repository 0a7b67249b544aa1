"""Caddy before a service and a folder of files; its log is JSON of zap's kind."""

import random
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian, filled
from bench.verdicts.record._traffic import HttpClient, Request, drive, listens

_NOBODY = 65534
_CONFIG = """
{
  admin off
  auto_https off
  storage file_system {folder}/storage
  {global}
}
:{port} {
  bind 127.0.0.1
  log
  respond /healthz ok
  {site}
  handle /static/* {
    root * {folder}
    file_server
  }
  handle /checkout/* {
    {route}
    rewrite * /{mode}{uri}
    reverse_proxy {upstream} {
      {proxy}
      transport http {
        dial_timeout 800ms
        response_header_timeout 1500ms
        {transport}
      }
    }
  }
}
{more}
"""
_CHANGES: dict[str, dict[str, str]] = {
    "new-release": {"site": "header X-Release 2.8\n  encode gzip"},
    "debug": {"global": "debug"},
    "upstream-down": {"upstream": "127.0.0.1:{other_port}"},
    "upstream-hangs": {"mode": "hang"},
    "upstream-slow": {"mode": "slow"},
    "upstream-503": {"mode": "unavailable"},
    "upstream-limits": {"mode": "limit"},
    "upstream-flaky": {"mode": "flaky"},
    "upstream-unknown": {"upstream": "checkout.shop.invalid:8080"},
    "expired-certificate": {
        "upstream": "https://{tls}",
        "mode": "ok",
        "transport": "tls_trusted_ca_certs {ca}",
    },
    "syntax": {"site": "revers_proxy /new/* 127.0.0.1:9"},
    "missing-module": {"site": "encode br"},
    "missing-certificate": {"more": ":{other_port} {\n tls {folder}/shop.pem {folder}/shop.key\n}"},
    "port-taken": {"more": ":{taken} {\n bind 127.0.0.1\n respond hello\n}"},
    "failing-check": {"proxy": "health_uri /unavailable\n health_interval 1s"},
    "wrong-status": {"route": "@some path *3\n    respond @some failed 500"},
    "dropped-route": {"route": "respond 404"},
}


class Caddy:
    """Each scenario is a configuration."""

    name = "caddy"
    rest = 3.0
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("new-release"),
        Scenario("debug"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("upstream-down", "connection-refused", r'"error".*connection refused'),
        Scenario("upstream-hangs", "timeout", r'"error".*timeout awaiting response headers'),
        Scenario("upstream-slow", "slow-dependency"),
        Scenario("upstream-503", "upstream-unavailable", r'"status":503'),
        Scenario("upstream-limits", "rate-limit", r'"status":429'),
        Scenario("upstream-flaky", "connection-reset", r'"error".*EOF'),
        Scenario("upstream-unknown", "dns", r'"error".*no such host'),
        Scenario("expired-certificate", "expired-certificate", r"certificate has expired"),
        Scenario("syntax", "config-syntax", r"unrecognized directive"),
        Scenario("missing-module", "missing-module", r"module not registered"),
        Scenario("missing-certificate", "wrong-config", r"shop\.pem: no such file"),
        Scenario("port-taken", "port-in-use", r"address already in use"),
        Scenario("failing-check", "upstream-unavailable", r"unexpected status|no upstreams"),
        Scenario("few-files", "open-files", r"too many open files"),
        Scenario("wrong-status", "wrong-status", r'"status":500'),
        Scenario("dropped-route", "dropped-feature", r'/checkout/.*"status":404'),
        Scenario("killed", "killed"),
    )

    def prepare(self, tools: Path) -> None:
        """See `_tools.debian`."""
        del tools
        debian("caddy", "caddy")

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """Files and a configuration."""
        files = place.folder / "static"
        files.mkdir()
        for number in range(12):
            (files / f"{number}.css").write_text("x" * (300 + 517 * number))
        names = {
            "folder": place.folder,
            "other_port": place.other_port,
            "tls": place.tls_backend.rpartition("/")[2],
            "taken": place.backend.rpartition(":")[2],
            "ca": place.ca_file,
        }
        settings = {"upstream": place.backend.rpartition("/")[2], "mode": "ok"}
        settings |= dict.fromkeys(("global", "site", "route", "proxy", "transport", "more"), "")
        settings = filled(settings | _CHANGES.get(scenario.name, {}), names)
        config = place.folder / "Caddyfile"
        whole = filled({"": _CONFIG}, {**settings, "folder": place.folder, "port": place.port})
        config.write_text(whole[""])
        return Launch(
            [debian("caddy", "caddy"), "run", "--config", str(config), "--adapter", "caddyfile"],
            env={"GOMAXPROCS": "2"},
            user=_NOBODY,
            open_files=10 if scenario.name == "few-files" else 0,
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Customers who load files and check out."""
        del scenario
        return drive(traffic, lambda: HttpClient(place.port, _request))


def _request(chance: random.Random) -> Request:
    kind = chance.random()
    if kind < 0.015:
        return Request("GET", f"/static/{chance.randrange(100, 900)}.js")
    if kind < 0.6:
        return Request("GET", f"/static/{chance.randrange(12)}.css")
    if kind < 0.85:
        return Request("GET", f"/checkout/orders/{chance.randrange(5000)}")
    return Request("POST", "/checkout/orders", '{"product": 7}')
