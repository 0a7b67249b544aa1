"""The programs that are recorded."""

from bench.verdicts.record._model import Program

from .apache import Apache
from .etcd import Etcd
from .express import Express
from .fastapi import FastApi
from .flask import Flask
from .go import Go
from .haproxy import Haproxy
from .java import Java
from .nginx import Nginx
from .postgres import Postgres
from .redis import Redis
from .shop import Shop

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
)

PROGRAMS = {program.name: program for program in _ALL}
"""By name."""
