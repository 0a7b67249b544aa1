"""The programs that are recorded."""

from bench.verdicts.record._model import Program

from .apache import Apache
from .axum import Axum
from .caddy import Caddy
from .django import Django
from .etcd import Etcd
from .express import Express
from .fastapi import FastApi
from .flask import Flask
from .go import Go
from .haproxy import Haproxy
from .java import Java
from .mariadb import MariaDb
from .memcached import Memcached
from .mosquitto import Mosquitto
from .nest import Nest
from .nginx import Nginx
from .php import Php
from .postgres import Postgres
from .redis import Redis
from .shop import Shop
from .sinatra import Sinatra
from .spring import Spring

_ALL: tuple[Program, ...] = (
    Shop(),
    Nginx(),
    Flask(),
    Express(),
    Java(),
    Redis(),
    Postgres(),
    Etcd(),
    FastApi(),
    Go(),
    Apache(),
    Haproxy(),
    Axum(),
    Nest(),
    Django(),
    Sinatra(),
    Mosquitto(),
    Caddy(),
    MariaDb(),
    Php(),
    Spring(),
    Memcached(),
)

PROGRAMS = {program.name: program for program in _ALL}
"""By name."""
