"""A shop whose new version cannot reach its database: logs, pods and events of both sides, always the same.

Of these the tests make reports, and scripts/screenshots the pictures in docs/images.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from canary_verdict import CanaryRequest, ModelResult, Policy, Run, Selection

BEGIN = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
MINUTES = 10
STABLE_PODS = ("checkout-7c9d-4lq8x", "checkout-7c9d-b7xvn", "checkout-7c9d-tm2kp")
CANARY_PODS = ("checkout-5f6b-k9d2c", "checkout-5f6b-zr4wj")

REQUEST = CanaryRequest(
    run=Run("3f0c6f0e-8f5e-4b9a-9d2e-6a1c5d8b7e42", "checkout-5f6b-12-2", "shop", "ai-analysis"),
    rollout="checkout",
    stable=Selection("app=checkout,role=stable"),
    canary=Selection("app=checkout,role=canary", "5f6b"),
    window=600.0,
    deadline=BEGIN + timedelta(minutes=MINUTES),
    lease_seconds=180,
    policy=Policy(min_lines=200, accepted=("cache miss for <*>",)),
)

VOTES = (
    ModelResult(
        model_name="claude-sonnet",
        confidence=96.0,
        root_cause="The new version's pool of database connections is never returned to.",
        analysis="e1 and e2 begin eight minutes in, on every canary pod, and never on stable.",
        remediation="Close the connection in a finally block of OrderStore.save.",
        execution_time_ms=4210,
    ),
    ModelResult(model_name="gpt-4o", confidence=91.0, analysis="As e1.", execution_time_ms=3180),
    ModelResult(model_name="gemini-flash", error="no answer within 30 s"),
)


def write_logs(folder: Path, *, broken: bool = True) -> Path:
    """Writes the logs, as `canary-agent judge` and `serve --logs` read them."""
    for number, pod in enumerate(STABLE_PODS):
        _write(folder / "stable" / pod / "app.log", _lines(number, broken=False))
    for number, pod in enumerate(CANARY_PODS):
        _write(folder / "canary" / pod / "app.log", _lines(50 + number, broken=broken))
    (folder / "kubernetes.json").write_text(json.dumps(_kubernetes(broken=broken)), "utf-8")
    return folder


def _write(path: Path, lines: Iterator[str]) -> None:
    path.parent.mkdir(parents=True)
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _lines(seed: int, *, broken: bool) -> Iterator[str]:
    chance = random.Random(seed)
    for second in range(0, 60 * MINUTES, 2):
        stamp = (BEGIN + timedelta(seconds=second, milliseconds=chance.randrange(900))).isoformat(
            timespec="milliseconds"
        )
        yield f"{stamp} INFO  http: POST /orders 201 in {chance.randint(8, 40)} ms"
        if chance.random() < 0.3:
            yield f"{stamp} INFO  cart: priced {chance.randint(1, 9)} items for {_id(chance)}"
        if chance.random() < 0.02:
            yield f"{stamp} WARN  cache: cache miss for {_id(chance)}"
        if chance.random() < 0.008:
            yield f"{stamp} WARN  payment: slow answer from gateway, {chance.randint(2, 5)} s"
        if broken and second > 200 and chance.random() < second / 1500:
            yield (
                f"{stamp} ERROR store: cannot save order {_id(chance)}: "
                "connection refused: db.shop.svc:5432"
            )
            yield f"{stamp} WARN  http: POST /orders 503 in {chance.randint(3, 9)} ms"


def _id(chance: random.Random) -> str:
    return f"{chance.randrange(10**8):08d}"


def _kubernetes(*, broken: bool) -> dict[str, object]:
    pods = [_pod(name, "stable", 0) for name in STABLE_PODS]
    pods += [
        _pod(name, "canary", int(broken and not number)) for number, name in enumerate(CANARY_PODS)
    ]
    events = [
        _event(CANARY_PODS[0], "Readiness probe failed: HTTP probe failed with statuscode: 503")
    ]
    return {"pods": pods, "events": events if broken else []}


def _pod(name: str, role: str, restarts: int) -> dict[str, object]:
    status: dict[str, object] = {
        "name": "app",
        "ready": True,
        "restartCount": restarts,
        "state": {"running": {"startedAt": _at(0)}},
    }
    if restarts:
        ended = {"reason": "Error", "exitCode": 1, "startedAt": _at(0), "finishedAt": _at(412)}
        status["lastState"] = {"terminated": ended}
    return {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "labels": {"app": "checkout", "role": role},
        },
        "status": {"phase": "Running", "startTime": _at(0), "containerStatuses": [status]},
    }


def _event(pod: str, message: str) -> dict[str, object]:
    return {
        "metadata": {"namespace": "shop"},
        "involvedObject": {"kind": "Pod", "name": pod},
        "reason": "Unhealthy",
        "type": "Warning",
        "message": message,
        "count": 3,
        "lastTimestamp": _at(405),
    }


def _at(seconds: int) -> str:
    return (BEGIN + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
