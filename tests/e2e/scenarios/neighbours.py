"""Rollouts beside each other, asked about within their steps: each is judged by its own pods."""

from ._registry import scenario
from ._shop import Shop
from ._stage import Stage

__all__: list[str] = []


@scenario("promote and roll back, inline: two Rollouts of one name in two namespaces at once")
def two_namespaces(stage: Stage) -> None:
    with stage.plane.namespace("scene") as here, stage.plane.namespace("scene") as there:
        well, ill = Shop(stage, here), Shop(stage, there)
        _release_both(well, ill)


@scenario("two Rollouts in one namespace with the same role labels: each is judged by its own pods")
def one_namespace(stage: Stage) -> None:
    with stage.plane.namespace("scene") as namespace:
        well, ill = Shop(stage, namespace, name="books"), Shop(stage, namespace, name="toys")
        _release_both(well, ill)


def _release_both(well: Shop, ill: Shop) -> None:
    well.open()
    ill.open()
    well.release("healthy")
    ill.release("error-burst")
    ill.is_rolled_back()
    well.is_promoted("healthy")
