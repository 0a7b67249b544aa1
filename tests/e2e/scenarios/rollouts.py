"""Rollouts whose pods really run, log and fail, judged by the real agent."""

from ._registry import scenario
from ._shop import WAITING, Shop, blue_green
from ._stage import Stage

__all__: list[str] = []


@scenario("too little evidence: the Rollout pauses, and a person resumes it")
def inconclusive(stage: Stage) -> None:
    with stage.plane.namespace("scene") as namespace:
        # The agent waits for more until the time is nearly up.
        stanza = {"policy": {"minLines": 100_000}, "timeout": "20s"}
        shop = Shop(stage, namespace, stanza=stanza).open()
        shop.release("healthy")
        paused = shop.becomes("Paused", "Degraded", "Healthy")
        assert [one["reason"] for one in paused["status"].get("pauseConditions", [])] == [
            "InconclusiveAnalysisRun"
        ]

        def resumed() -> bool:
            # As a person would: a status that the controller writes at the same moment can undo it.
            stage.argo(namespace, "promote", "shop")
            seen = shop.becomes("Progressing", "Healthy", "Paused")
            return str(seen["status"]["phase"]) != "Paused"

        stage.until("Rollout that goes on", resumed, namespace)
        shop.is_promoted("healthy", by_a_person=True)


@scenario("background analysis of a faulty release: rolled back in the midst of its steps")
def background(stage: Stage) -> None:
    with stage.plane.namespace("scene") as namespace:
        shop = Shop(stage, namespace, steps=WAITING, background=True).open()
        shop.release("error-burst")
        shop.becomes("Paused")
        shop.is_rolled_back()


@scenario("blue-green: judged before the switch and after it, then promoted")
def blue_green_release(stage: Stage) -> None:
    with stage.plane.namespace("scene") as namespace:
        shop = Shop(stage, namespace, strategy=blue_green("shop")).open()
        shop.release("healthy")
        shop.is_promoted("healthy")
        kinds = {run["metadata"]["labels"]["rollout-type"]: run for run in shop.analyses()}
        assert set(kinds) == {"PrePromotion", "PostPromotion"}
        assert {run["status"]["phase"] for run in kinds.values()} == {"Successful"}
