"""The table of docs/interop.md: what the tests saw, a row for each agent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

COLUMNS = (
    "agent",
    "version",
    "protocol",
    "transport",
    "while it works",
    "answer",
    "promote",
    "rollback",
    "plugin restarted",
    "Run repeated",
    "Terminate",
    "unusable answers",
)

_HEAD = """\
# Agents of other people

Made by `scripts/interop --write`: do not edit. Each agent is a real server of its framework with a stub
in place of its model, on loopback. `bin/metric-ai` asks it as the controller would. The same suite holds a
small server against it that compares `A2A-Version` to the letter in 1.0 and 0.3, as kagent's controller
does, with task ids of 73 characters and timestamps without a zone.

- while it works: what SendMessage with returnImmediately gives while the model still thinks.
- answer: where the verdict was found.
- promote, rollback: the phase that the measurement got.
- plugin restarted: the plugin is killed between Run and Resume; whether the new one goes on with the
  same task or asks again.
- Run repeated: the plugin is killed and its measurement lost with it; whether the next Run finds the
  task (ListTasks) or asks again.
- Terminate: what became of the agent's task.
- unusable answers: prose, two JSON objects, another run's uid, another schema; how many of the four
  were an Error. None may ever be Successful.
"""


SHORTFALL = "no, see below"


@dataclass
class InteropTable:
    """What was seen so far."""

    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    shortfalls: dict[str, str] = field(default_factory=dict)

    def note(self, key: str, **cells: str) -> None:
        """Fills in cells; the column `plugin restarted` is the keyword `plugin_restarted`."""
        row = self.rows.setdefault(key, {})
        row.update({name.replace("_", " "): text for name, text in cells.items()})

    def count(self, key: str, column: str) -> None:
        """Adds one to a cell."""
        row = self.rows.setdefault(key, {})
        row[column] = str(int(row.get(column, "0")) + 1)

    def markdown(self, order: Iterable[str]) -> str:
        """The whole document; cells that no test has filled in are question marks."""
        lines = [_HEAD, _line(COLUMNS), _line("---" for _ in COLUMNS)]
        lines += [self._row(key) for key in order if key in self.rows]
        lines += _section("Shortfalls: what the plugin cannot read yet", self.shortfalls)
        lines += _section("Left out of this run", self.left_out)
        return "\n".join(lines) + "\n"

    def _row(self, key: str) -> str:
        row = self.rows[key]
        blank = SHORTFALL if row["agent"] in self.shortfalls else "?"
        return _line(row.get(column, blank) for column in COLUMNS)


def _section(title: str, entries: Mapping[str, str]) -> list[str]:
    if not entries:
        return []
    return ["", f"{title}:", "", *(f"- {name}: {why}" for name, why in sorted(entries.items()))]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
