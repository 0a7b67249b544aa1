"""A PHP application under FPM, whose stderr it is; nginx before it has a log of its own, which is not recorded."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.verdicts.record._model import Launch, Place, Scenario
from bench.verdicts.record._tools import APPS, debian

from ._service import Service

_SIGNS = {
    "dependency-down": r"cURL error 7: Failed to connect",
    "dependency-hangs": r"cURL error 28: Operation timed out",
    "dependency-slow": "",
    "dependency-limits": r"gateway returned HTTP 429",
    "dependency-503": r"gateway returned HTTP 503",
    "dependency-flaky": r"cURL error 52: Empty reply",
    "expired-certificate": r"cURL error 60: SSL certificate problem: certificate has expired",
    "unknown-host": r"cURL error 6: Could not resolve host",
    "missing-env": r"environment variable API_TOKEN is unset",
    "config-syntax": r"Uncaught JsonException: Syntax error",
    "missing-module": r'Class "Shop\\Pricing\\Engine" not found',
    "bad-migration": r"has no column named currency",
    "disk-full": r"No space left on device",
    "read-only-data": r"Failed to open stream: Permission denied",
    "null-coupon": r"Call to a member function apply\(\) on null",
    "zero": r"DivisionByZeroError",
    "bad-type": r"Uncaught TypeError",
    "crash-on-input": r"exited on signal 11",
    "memory-leak": r"Allowed memory size of",
    "quiet-500": r'/orders" 500 ',
    "no-payment": "",
    "slow-code": "",
}
_FPM = """
[global]
error_log = /proc/self/fd/2
daemonize = no
[www]
user = www-data
group = www-data
listen = {folder}/fpm.sock
listen.owner = www-data
pm = static
pm.max_children = 4
clear_env = no
catch_workers_output = yes
decorate_workers_output = no
access.log = /proc/self/fd/2
access.format = "%R - %t \\"%m %{{REQUEST_URI}}e\\" %s %{{milli}}d"
request_terminate_timeout = 8
php_admin_value[memory_limit] = 32M
php_admin_flag[log_errors] = on
php_admin_value[error_log] = /proc/self/fd/2
"""
_NGINX = """
user www-data;
pid {folder}/nginx.pid;
worker_processes 1;
daemon off;
error_log /dev/null;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  fastcgi_temp_path {folder}/fastcgi;
  server {{
    listen 127.0.0.1:{port};
    keepalive_requests 100000;
    location / {{
      fastcgi_pass unix:{folder}/fpm.sock;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param REMOTE_ADDR $remote_addr;
      fastcgi_param SCRIPT_FILENAME {folder}/index.php;
    }}
  }}
}}
"""


class Php(Service):
    """See `apps/php`."""

    def __init__(self) -> None:
        super().__init__("php", _command, _SIGNS)

    def prepare(self, tools: Path) -> None:
        """See `_tools.debian`."""
        del tools
        debian("php-fpm8.2", "php8.2-fpm, php8.2-curl and php8.2-sqlite3")
        debian("nginx", "nginx")

    def launch(self, scenario: Scenario, place: Place) -> Launch:
        """The settings of both programs; FPM itself starts as root, its workers as another user."""
        launch = super().launch(scenario, place)
        folder = place.folder
        (folder / "index.php").write_bytes((APPS / "php/index.php").read_bytes())
        (folder / "fpm.conf").write_text(_FPM.format(folder=folder))
        (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=place.port))
        return replace(launch, user=0)


def _command(place: Place) -> Sequence[str]:
    front = f"{debian('nginx', 'nginx')} -c {place.folder}/nginx.conf &"
    options = ["--nodaemonize", "--fpm-config", f"{place.folder}/fpm.conf"]
    return ["sh", "-c", f'{front} exec "$0" "$@"', debian("php-fpm8.2", "php8.2-fpm"), *options]
