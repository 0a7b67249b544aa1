"""Apache httpd with static pages and a proxy to a service."""

import random
from pathlib import Path

from bench.verdicts.record._model import STABLE, Launch, Place, Scenario, Tally, Traffic
from bench.verdicts.record._tools import debian, filled
from bench.verdicts.record._traffic import HttpClient, Request, drive, listens

_MODULES = "mpm_event authz_core authz_host log_config dir alias proxy proxy_http ssl unixd env headers rewrite request"
_CONFIG = """
ServerRoot {folder}
PidFile {folder}/httpd.pid
ServerName localhost
Listen 127.0.0.1:{port}
{modules}
Mutex file:{folder} default
User www-data
Group www-data
ErrorLog /dev/stderr
LogLevel {level}
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\" %D" timed
CustomLog /dev/stdout timed
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers {workers}
DocumentRoot {root}
<Directory />
  Require all granted
</Directory>
<Location /healthz>
  Require all granted
</Location>
SSLProxyEngine on
SSLProxyVerify require
SSLProxyCACertificateFile {ca}
ProxyTimeout 1
ProxyPass /api/ {upstream}/ connectiontimeout=1 retry=0
{more}
"""
_CHANGES: dict[str, dict[str, str]] = {
    "new-release": {
        "more": "Header set X-Release 2.8\nRewriteEngine on\nRewriteRule ^/v2/(.*) /$1"
    },
    "more-notices": {"level": "info", "workers": "24"},
    "upstream-down": {"upstream": "http://127.0.0.1:{other_port}"},
    "upstream-hangs": {"upstream": "{backend}/hang"},
    "upstream-slow": {"upstream": "{backend}/slow"},
    "upstream-503": {"upstream": "{backend}/unavailable"},
    "upstream-unknown": {"upstream": "http://payments.shop.invalid:8080"},
    "expired-certificate": {"upstream": "{tls}/ok"},
    "syntax": {"more": "ProxyPas /new/ http://127.0.0.1:9/"},
    "missing-module": {"more": "LoadModule brotli_module {folder}/mod_brotli.so"},
    "port-taken": {"more": "Listen 127.0.0.1:{taken}"},
    "unreadable-pages": {"more": "Alias /page-3.html {folder}/private/page-3.html"},
    "wrong-status": {"more": "RedirectMatch 500 ^/page-[0-4]\\.html"},
    "denied": {"more": "<Location /page-5.html>\nRequire ip 10.0.0.0/8\n</Location>"},
    "dropped-api": {"more": "RedirectMatch 404 ^/page-[67]\\.html"},
}


class Apache:
    """Each scenario is a configuration."""

    name = "apache"
    rest = 2.0
    scenarios = (
        Scenario(STABLE),
        Scenario("same"),
        Scenario("new-release"),
        Scenario("more-notices"),
        Scenario("node-restart", restarted_by_node=True),
        Scenario("upstream-down", "connection-refused", r"Connection refused"),
        Scenario(
            "upstream-hangs", "timeout", r"timeout specified has expired|Timeout on|proxy:error"
        ),
        Scenario("upstream-slow", "slow-dependency"),
        Scenario("upstream-503", "upstream-unavailable", r'" 503 '),
        Scenario("upstream-unknown", "dns", r"DNS lookup failure"),
        Scenario(
            "expired-certificate", "expired-certificate", r"certificate has expired|AH0\d+: .*SSL"
        ),
        Scenario("syntax", "config-syntax", r"Invalid command"),
        Scenario("missing-module", "missing-module", r"Cannot load"),
        Scenario("port-taken", "port-in-use", r"Address already in use"),
        Scenario("unreadable-pages", "permission-denied", r"Permission denied"),
        Scenario("wrong-status", "wrong-status", r'" 500 '),
        Scenario("denied", "wrong-config", r"client denied by server configuration"),
        Scenario("dropped-api", "dropped-feature", r'page-[67]\.html[^"]*" 404 '),
        Scenario("killed", "killed"),
    )

    def prepare(self, tools: Path) -> None:
        """See `_tools.debian`."""
        del tools
        debian("apache2", "apache2")

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """Pages and a configuration."""
        folder = place.folder
        pages = folder / "pages"
        pages.mkdir()
        for number in range(12):
            (pages / f"page-{number}.html").write_text("x" * (400 + 731 * number))
        (pages / "healthz").write_text("ok\n")
        private = folder / "private"
        private.mkdir()
        (private / "page-3.html").write_text("x")
        private.chmod(0o700)
        names = {
            "folder": folder,
            "other_port": place.other_port,
            "backend": place.backend,
            "tls": place.tls_backend,
            "taken": place.backend.rpartition(":")[2],
        }
        settings = {
            "level": "warn",
            "workers": "16",
            "root": str(pages),
            "upstream": "{backend}/ok",
            "more": "",
        }
        settings = filled(settings | _CHANGES.get(scenario.name, {}), names)
        modules = "\n".join(
            f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so"
            for name in _MODULES.split()
            if Path(f"/usr/lib/apache2/modules/mod_{name}.so").exists()
        )
        config = folder / "httpd.conf"
        config.write_text(
            _CONFIG.format(
                folder=folder, port=place.port, modules=modules, ca=place.ca_file, **settings
            )
        )
        return Launch(
            [debian("apache2", "apache2"), "-D", "FOREGROUND", "-f", str(config)],
            kill_at=9.0 if scenario.name == "killed" else 0.0,
            ready=lambda: listens(place.port),
        )

    def drive(self, place: Place, scenario: Scenario, traffic: Traffic) -> Tally:
        """Readers of pages, and calls that go to the service."""
        del scenario
        return drive(traffic, lambda: HttpClient(place.port, _request))


def _request(chance: random.Random) -> Request:
    kind = chance.random()
    if kind < 0.02:
        return Request("GET", f"/old/{chance.randrange(1000)}.html")
    if kind < 0.7:
        return Request("GET", f"/page-{chance.randrange(12)}.html")
    if kind < 0.9:
        return Request("GET", f"/api/orders/{chance.randrange(5000)}")
    return Request("POST", "/api/orders", '{"product": 7}')
