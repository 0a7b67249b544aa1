"""nginx before an application: static pages, and a proxy to a service."""

import random
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian, filled
from bench.verdicts.record._traffic import HttpClient, Request, drive, listens

_CONFIG = """
daemon off;
pid {folder}/nginx.pid;
worker_processes {workers};
user www-data;
error_log stderr {level};
events {{ worker_connections 512; }}
http {{
  log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                  '"$http_referer" "$http_user_agent" rt=$request_time urt=$upstream_response_time';
  access_log /dev/stdout main;
  client_body_temp_path {body};
  client_body_buffer_size 1k;
  proxy_temp_path {folder}/proxy;
  {http}
  upstream payments {{ server {upstream}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{port};
    root {root};
    location = /healthz {{ access_log off; return 200 "ok\\n"; }}
    location /api/ {{
      proxy_pass {scheme}://payments{mode}/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_read_timeout 800ms;
      {location}
    }}
    {server}
  }}
}}
"""
_PAGES = {f"page-{number}.html": 400 + 731 * number for number in range(12)}
_RATE = "limit_req_zone $binary_remote_addr zone=one:1m rate=6r/s;"
_VERIFY = "proxy_ssl_verify on; proxy_ssl_trusted_certificate {ca}; proxy_ssl_name localhost;"
# What differs from stable's settings, by scenario.
_CHANGES: dict[str, dict[str, str]] = {
    "new-release": {"workers": "3", "server": "location /v2/ { return 204; }"},
    "notices": {"level": "notice", "workers": "2"},
    "upstream-down": {"upstream": "127.0.0.1:{other_port}"},
    "upstream-hangs": {"mode": "/hang"},
    "upstream-slow": {"mode": "/slow"},
    "upstream-503": {"mode": "/unavailable"},
    "upstream-unknown": {"upstream": "payments.shop.invalid:8080"},
    "expired-certificate": {"upstream": "{tls}", "scheme": "https", "location": _VERIFY},
    "syntax": {"server": "locaton /new/ { return 200; }"},
    "unreadable-pages": {"server": "location /page-3 { root {folder}/private; }"},
    "rate-limit": {"http": _RATE, "location": "limit_req zone=one;"},
    "disk-full": {"body": "{full}/body"},
    "wrong-status": {"server": "location ~ /page-[0-4] { return 500; }"},
    "wrong-root": {"root": "{folder}/pages-v2"},
    "dropped-api": {"server": "location /api/orders { return 404; }"},
}


class Nginx:
    """Each scenario is a configuration."""

    name = "nginx"
    rest = 1.5
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("new-release"),
        Scenario("notices"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("upstream-down", "connection-refused", r"connect\(\) failed|no live upstreams"),
        Scenario("upstream-hangs", "timeout", r"upstream timed out"),
        Scenario("upstream-slow", "slow-dependency"),
        Scenario("upstream-503", "upstream-unavailable", r'" 503 '),
        Scenario("upstream-unknown", "dns", r"host not found in upstream"),
        Scenario("expired-certificate", "expired-certificate", r"certificate verify error"),
        Scenario("syntax", "config-syntax", r"unknown directive"),
        Scenario("unreadable-pages", "permission-denied", r"Permission denied"),
        Scenario("rate-limit", "rate-limit", r"limiting requests"),
        Scenario("disk-full", "disk-full", r"No space left"),
        Scenario("wrong-status", "wrong-status", r'" 500 '),
        Scenario("wrong-root", "wrong-config", r"No such file"),
        Scenario("dropped-api", "dropped-feature", r'POST /api/orders[^"]*" 404 '),
    )

    def prepare(self, tools: Path) -> None:
        """See `_tools.debian`."""
        del tools
        debian("nginx", "nginx")

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """Pages and a configuration."""
        folder = place.folder
        pages = folder / "pages"
        for name, size in _PAGES.items():
            (pages / "private").mkdir(parents=True, exist_ok=True)
            (pages / name).write_text("x" * size)
        private = folder / "private"
        private.mkdir()
        (private / "page-3.html").write_text("x")
        private.chmod(0o700)
        names = {
            "folder": str(folder),
            "other_port": str(place.other_port),
            "tls": place.tls_backend.rpartition("/")[2],
            "ca": str(place.ca_file),
            "full": str(place.full_disk),
        }
        settings = {
            "workers": "1",
            "level": "warn",
            "body": f"{folder}/body",
            "upstream": place.backend.rpartition("/")[2],
            "scheme": "http",
            "mode": "/ok",
            "root": str(pages),
            "http": "",
            "server": "",
            "location": "",
        }
        settings = filled(settings | _CHANGES.get(scenario.name, {}), names)
        config = folder / "nginx.conf"
        config.write_text(_CONFIG.format(port=place.port, folder=folder, **settings))
        folder.chmod(0o777)
        return Launch(
            [debian("nginx", "nginx"), "-c", str(config), "-p", str(folder)],
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Readers of pages, and orders that go to the service."""
        del scenario
        return drive(traffic, lambda: HttpClient(place.port, _request))


def _request(chance: random.Random) -> Request:
    kind = chance.random()
    if kind < 0.02:
        return Request("GET", f"/old/{chance.randrange(1000)}.html")
    if kind < 0.65:
        return Request("GET", f"/page-{chance.randrange(12)}.html?visit={chance.randrange(10**6)}")
    if kind < 0.85:
        return Request("GET", f"/api/orders/{chance.randrange(5000)}")
    return Request("POST", "/api/orders", '{"note": "%s"}' % ("y" * chance.randrange(20, 3000)))
