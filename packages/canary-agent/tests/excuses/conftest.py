"""A model that answers what a test says, and verdicts on logs made of lines."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import pytest
from pydantic import BaseModel

from canary_agent import judge
from canary_agent.collect import ContainerLog, ContainerStatus, PodStatus, Sample, Side
from canary_agent.evidence import examine
from canary_agent.excuses import Rules
from canary_verdict import Policy, Verdict

T = TypeVar("T", bound=BaseModel)


@dataclass
class Answering:
    """Answers with these rules, whatever it is asked; remembers what it was asked."""

    rules: list[tuple[str, str]]
    asked: list[str] = field(default_factory=list)

    def ask(self, instructions: str, text: str, output: type[T]) -> T:
        self.asked.append(text)
        rules = [{"kind": kind, "text": text} for kind, text in self.rules]
        return output.model_validate({"rules": rules})


@pytest.fixture
def answering() -> Callable[..., Answering]:
    return lambda *rules: Answering(list(rules))


def _side(name: str, lines: list[str], *, crashes: bool = False) -> Side:
    def read() -> Iterator[bytes]:
        usual = [
            f"2026-01-31T12:{n // 60:02}:{n % 60:02}Z INFO served /item/{n}" for n in range(300)
        ]
        yield "\n".join([*usual, *lines, ""]).encode()

    waiting = "CrashLoopBackOff" if crashes else ""
    status = ContainerStatus("app", waiting, restarts=3 * crashes, ready=not crashes, ran=True)
    pod = PodStatus(f"{name}-1", phase="Running", ready=not crashes, containers=(status,))
    return Side((ContainerLog(f"{name}-1", "app", read),), (pod,))


@pytest.fixture
def verdict_with() -> Callable[..., Verdict]:
    """The verdict on a canary that writes forty times each of some lines, given rules."""

    def run(rules: Rules, *lines: str, crashes: bool = False) -> Verdict:
        stamped = [f"2026-01-31T12:05:{n:02}Z {line} {n}" for line in lines for n in range(40)]
        sample = Sample(_side("stable", []), _side("canary", stamped, crashes=crashes))
        policy = Policy(accepted=rules.accepted)
        return judge.decide(examine(sample, policy.accepted, lambda: False), policy).verdict

    return run
