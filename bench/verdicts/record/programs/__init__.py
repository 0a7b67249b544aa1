"""The programs that are recorded."""

from bench.verdicts.record._model import Program

from .nginx import Nginx
from .shop import Shop

PROGRAMS: dict[str, Program] = {program.name: program for program in (Shop(), Nginx())}
"""By name."""
