"""Each cell of the table in docs/where-to-look.md, on the real controller; all rows happen at the same time."""

from collections.abc import Iterator

import github_api
import pytest
from control_plane import ControlPlane, wait_until
from scenarios import AgentLoop, Stage
from seeing import PLACES, PLAYS, Cell, Happening, Looker, cells, played, scene

_REPOSITORY = "acme/shop"
_SECONDS = 30.0
# The first test waits for the control plane too, and for the slowest row.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def looker(plane: ControlPlane) -> Iterator[Looker]:
    """Somebody who looks at a control plane whose plugin may open issues."""
    controller, before = plane.controller, dict(plane.controller.environment)
    with github_api.serving() as github:
        controller.environment |= {
            "GITHUB_TOKEN": github_api.TOKEN,
            "METRIC_AI_GITHUB_ALLOWED": f"{github.url}/acme",
            "METRIC_AI_JOURNAL": str(plane.folder / "journal"),
        }
        controller.restart(wait_for_lease=False)
        try:
            yield Looker(plane, github, _REPOSITORY)
        finally:
            controller.environment = before
            controller.restart(wait_for_lease=False)


@pytest.fixture(scope="module")
def happenings(plane: ControlPlane, looker: Looker) -> Iterator[dict[str, Happening]]:
    """How each row of the table ended."""
    loop = AgentLoop()
    try:
        with plane.agent("seen", "--concurrency=4") as judge:
            stage = Stage(plane, judge, loop)
            with scene(stage, f"{looker.github.url}/{_REPOSITORY}") as ready:
                yield played(ready)
    finally:
        loop.close()


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: f"{cell.happening}, {cell.place}")
def test_where_to_look(happenings: dict[str, Happening], looker: Looker, cell: Cell) -> None:
    happening, look = happenings[cell.happening], PLACES[cell.place]
    if cell.is_empty:
        assert not look(looker, happening).strip()
        return
    assert cell.words, f"{cell} quotes nothing that a person could look for"

    def seen() -> bool:
        return not cell.missing(look(looker, happening))

    def found() -> str:
        text = look(looker, happening)
        return f"{cell.missing(text)} in:\n{text}"

    wait_until(f"{cell.place} on {cell.happening}", seen, _SECONDS, found)


def test_each_row_and_column_is_tried() -> None:
    found = cells()
    assert {cell.happening for cell in found} == set(PLAYS)
    assert {cell.place for cell in found} == set(PLACES)
    assert len(found) == len(PLAYS) * len(PLACES)
