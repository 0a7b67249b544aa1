"""What the images of the tests' pods run."""

from pathlib import Path

from kube import Json

__all__ = ["shop_images"]

_SHOP = Path(__file__).resolve().parents[3] / "examples" / "shop"


def shop_images() -> dict[str, Json]:
    """The shop, whose tag is its version (`shop:error-burst`), and its customers.

    A shop listens on port 8080 of its pod's address.
    """
    return {
        "shop": {
            "entrypoint": ["{python}", "-m", "shop", "--version={tag}"],
            "arguments": ["--host=$(POD_IP)", "--port=8080"],
            "folder": str(_SHOP),
            "environment": {"PYTHONUNBUFFERED": "1"},
        },
        "shop-traffic": {
            "entrypoint": ["{python}", "-m", "shop.traffic"],
            "folder": str(_SHOP),
            "environment": {"PYTHONUNBUFFERED": "1"},
        },
        "python": {"entrypoint": ["{python}", "-u"]},
    }
