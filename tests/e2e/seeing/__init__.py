"""What can happen to an analysis, and where a person sees it: the tables of docs/where-to-look.md, tried.

`PLAYS` makes each row happen, `PLACES` looks where each column says.
"""

from ._places import PLACES, Looker
from ._plays import PLAYS, Happening, played, scene
from ._table import Cell, cells

__all__ = ["PLACES", "PLAYS", "Cell", "Happening", "Looker", "cells", "played", "scene"]
