"""Many measurements of one metric."""

from ._registry import scenario
from ._script import promote
from ._stage import Stage, metric

__all__: list[str] = []

_COUNT = 12


@scenario("12 measurements of one metric: 12 tasks, ten measurements kept, none mixed up")
def twelve_measurements(stage: Stage) -> None:
    with stage.scripted() as (namespace, agent):
        agent.plan = lambda request: promote(request, 80 + len(agent.questions))
        run = stage.analyse(namespace, metric(agent.url, interval="1s", count=_COUNT))
        ended = run.ends_as("Successful")
        (result,) = ended["status"]["metricResults"]
        assert (result["count"], result["successful"]) == (_COUNT, _COUNT)
        kept = [one["value"] for one in result["measurements"]]
        assert kept == [f"{(81 + number) / 100:g}" for number in range(_COUNT)][-10:]
        contexts = {message["contextId"] for message in agent.agent.sent()}
        assert len(contexts) == agent.tasks == _COUNT
