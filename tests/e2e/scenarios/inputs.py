"""What users write wrongly."""

from control_plane import ARGO_NAMESPACE, analysis_template
from running import plugin_file

from ._registry import scenario
from ._script import promote
from ._stage import Analysis, Stage, metric

__all__: list[str] = []

_CONFIG = "argo-rollouts-config"
_BROKEN = "e2e/truncated"


@scenario("unknown field in a live AnalysisTemplate: the run's message names the nearest one")
def unknown_field(stage: Stage) -> str:
    with stage.scripted() as (namespace, agent):
        template = analysis_template(
            "logs", agent.url, {"cannaryLabel": "role=canary"}, consecutiveErrorLimit=0
        )
        namespace.apply(template)
        stage.argo(namespace, "create", "analysisrun", "--from", "logs", "--name", "run")
        message = Analysis(stage, namespace, "run").ends_as("Error")["status"]["message"]
        assert "cannaryLabel" in message
        assert "did you mean canaryLabel?" in message
        assert not agent.agent.calls
        return str(message)


@scenario(
    "truncated plugin file: its metrics end in an Error, other plugins go on", alone=True, here=True
)
def truncated_plugin_file(stage: Stage) -> str:
    plane = stage.plane
    whole = plugin_file().read_bytes()
    broken = plane.folder / "truncated"
    broken.write_bytes(whole[: len(whole) // 2])
    broken.chmod(0o755)
    before = plane.client.get("ConfigMap", _CONFIG, ARGO_NAMESPACE)["data"]["metricProviderPlugins"]
    entries = f"{before}- name: {_BROKEN}\n  location: file://{broken}\n"
    _set_plugins(stage, entries)
    try:
        plane.controller.restart(wait_for_lease=False)
        with stage.scripted() as (namespace, agent):
            agent.plan = promote
            broken_metric = {
                "name": "m",
                "provider": {"plugin": {_BROKEN: {}}},
                "consecutiveErrorLimit": 0,
            }
            run = stage.analyse(namespace, broken_metric, name="broken")
            well = stage.analyse(namespace, metric(agent.url), name="well")
            message: str = run.ends_as("Error")["status"]["message"]
            well.ends_as("Successful")
            assert _BROKEN in plane.controller.log()
            return message
    finally:
        _set_plugins(stage, before)
        plane.controller.restart(wait_for_lease=False)


def _set_plugins(stage: Stage, entries: str) -> None:
    change = {"data": {"metricProviderPlugins": entries}}
    stage.plane.client.patch("ConfigMap", _CONFIG, change, ARGO_NAMESPACE)
