"""What a Deployment says of itself."""

from metric_ai.cluster import Json, mapping, mappings, text


def containers_of(deployment: Json) -> list[Json]:
    """Its containers, without those that only prepare."""
    return mappings(mapping(deployment, "spec", "template", "spec").get("containers"))


def image_of(deployment: Json) -> str:
    """The first container's image."""
    return next((text(one, "image") for one in containers_of(deployment)), "no image")


def env_of(deployment: Json) -> dict[str, str]:
    """The first container's variables; those that come from elsewhere are empty."""
    first = next(iter(containers_of(deployment)), {})
    return {text(one, "name"): text(one, "value") for one in mappings(first.get("env"))}


def is_ready(deployment: Json) -> bool:
    """Whether one of its pods is ready."""
    return _number(deployment, "readyReplicas") > 0


def ready_words(deployment: Json) -> str:
    """How many of its pods are ready."""
    wanted = mapping(deployment, "spec").get("replicas", 1)
    return f"{_number(deployment, 'readyReplicas')} of {wanted} pods are ready"


def _number(deployment: Json, name: str) -> int:
    value = mapping(deployment, "status").get(name)
    return value if isinstance(value, int) else 0
