"""The shop with customers, in a scenario's namespace."""

from control_plane import analysis_template, customers, rollout, service
from kube import Json, Namespace

from ._stage import SECONDS, Stage

__all__ = ["INLINE", "WAITING", "Shop", "blue_green"]

INLINE: list[Json] = [{"setWeight": 50}, {"analysis": {"templates": [{"templateName": "logs"}]}}]
"""Steps that ask once, with half of the pods being canaries."""

WAITING: list[Json] = [{"setWeight": 50}, {"pause": {"duration": "10m"}}]
"""Steps that ask nobody and take long."""

# How long a request takes depends on what else this machine does, so lines that tell of it are left out.
_POLICY: Json = {"minLines": 20, "accepted": ["duration_ms="]}
_LOGS_SECONDS = 8


class Shop:
    """A Rollout whose releases the real agent judges by what the pods have logged.

    Args:
        name: of the Rollout; its Services are `<name>-stable` and `<name>-canary`. Shops of one namespace
            share the AnalysisTemplate `logs`, and the labels role=stable and role=canary.
        steps: of its canary strategy.
        strategy: instead of canary.
        stanza: more of the plugin's fields, or others instead of the usual ones.
        background: whether the analysis runs beside the steps.
    """

    def __init__(
        self,
        stage: Stage,
        namespace: Namespace,
        *,
        name: str = "shop",
        steps: list[Json] | None = None,
        strategy: Json | None = None,
        stanza: Json | None = None,
        background: bool = False,
    ) -> None:
        self._stage = stage
        self._namespace = namespace
        self._name = name
        self._steps = INLINE if steps is None else steps
        self._strategy = strategy
        self._background = background
        # A pause is the work of a verdict, unless it is one of the steps.
        self._stops = () if background else ("Paused",)
        template = analysis_template(
            "logs",
            stage.judge.url,
            {"policy": _POLICY} | (stanza or {}),
            initialDelay=f"{_LOGS_SECONDS}s",
        )
        services = (service(f"{name}-stable", name), service(f"{name}-canary", name))
        namespace.apply(*services, template, self._release("stable"))

    def open(self) -> "Shop":
        """Waits until it is healthy, and lets customers in."""
        self.becomes("Healthy")
        self._namespace.apply(customers(self._name, rate=40.0))
        return self

    def release(self, version: str) -> None:
        """Begins the release of a version; see examples/shop."""
        self._namespace.apply(self._release(version))

    def becomes(self, *phases: str) -> Json:
        """The Rollout, once it is in one of the phases."""
        return self._stage.plane.wait_for_rollout(
            self._namespace, self._name, *phases, seconds=SECONDS
        )

    def is_promoted(self, version: str, *, by_a_person: bool = False) -> None:
        """Waits until the version has replaced the stable one.

        Args:
            by_a_person: it may still be paused, since a person has just asked for it.
        """
        stops = () if by_a_person else self._stops
        status = self.becomes("Healthy", "Degraded", *stops)["status"]
        assert status["phase"] == "Healthy", self._stage.plane.explain(self._namespace)
        assert status["stableRS"] == status["currentPodHash"]
        assert self._image() == f"shop:{version}"

    def is_rolled_back(self) -> None:
        """Waits until a verdict has ended the release."""
        status = self.becomes("Healthy", "Degraded", *self._stops)["status"]
        assert status["phase"] == "Degraded", self._stage.plane.explain(self._namespace)
        assert status["abort"] is True
        assert status["stableRS"] != status["currentPodHash"]
        messages = [run["status"].get("message", "") for run in self.analyses()]
        assert any("rollback, " in message for message in messages), messages

    def analyses(self) -> list[Json]:
        """The AnalysisRuns of this Rollout so far."""
        return [
            run
            for run in self._namespace.objects("AnalysisRun")
            if run["metadata"]["ownerReferences"][0]["name"] == self._name
        ]

    def _image(self) -> str:
        found = self._namespace.get("Rollout", self._name)
        image: str = found["spec"]["template"]["spec"]["containers"][0]["image"]
        return image

    def _release(self, version: str) -> Json:
        release = rollout(
            self._name, f"shop:{version}", self._steps, replicas=1, strategy=self._strategy
        )
        if self._background:
            analysis = {"templates": [{"templateName": "logs"}], "startingStep": 1}
            release["spec"]["strategy"]["canary"]["analysis"] = analysis
        return release


def blue_green(name: str) -> Json:
    """A blue-green strategy that is judged before the switch and after it."""
    analysis = {"templates": [{"templateName": "logs"}]}
    return {
        "blueGreen": {
            "activeService": f"{name}-stable",
            "previewService": f"{name}-canary",
            "activeMetadata": {"labels": {"role": "stable"}},
            "previewMetadata": {"labels": {"role": "canary"}},
            "autoPromotionEnabled": True,
            "scaleDownDelaySeconds": 60,
            "prePromotionAnalysis": analysis,
            "postPromotionAnalysis": analysis,
        }
    }
