# An application as people write them, bugs included.
# ruff: noqa: ANN001, ANN201, E402
# mypy: ignore-errors
# It runs in an environment of its own, where Django, gunicorn and urllib3 are.
"""The order service with Django's ORM under gunicorn; its log is Django's, with gunicorn's beside it."""

import json
import logging
import os
import signal
import time
from pathlib import Path

import django
import urllib3
from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.configure(
    SECRET_KEY=os.environ["API_TOKEN"],
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": Path(os.environ["DB_DIR"]) / "shop.sqlite3",
            "OPTIONS": {"timeout": 0.3},
        }
    },
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "verbose": {
                "format": "{levelname} {asctime} {module} {process:d} {message}",
                "style": "{",
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "verbose"}},
        "root": {"handlers": ["console"], "level": "INFO"},
        "loggers": {"django": {"handlers": ["console"], "level": "INFO", "propagate": False}},
    },
)
django.setup()

from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.http import HttpResponse, JsonResponse
from django.urls import path

FEATURES = set(os.environ["FEATURES"].split(","))
REBATES = [1.0, 0.98, 0.95, 0.93, 0.92, 0.9, 0.88]
logger = logging.getLogger("shop.checkout")
pool = urllib3.PoolManager(ca_certs=os.environ["CA_FILE"], retries=urllib3.Retry(1, redirect=0))
held = []

try:
    LIMITS = json.loads(Path(os.environ["CONFIG"]).read_text())
except ValueError as error:
    raise ImproperlyConfigured(f"{os.environ['CONFIG']} is not valid: {error}") from error
if "missing-module" in FEATURES:
    import shop_pricing  # noqa: F401  # the fault: nobody installed it


class Purchase(models.Model):
    """What somebody bought."""

    product = models.IntegerField()
    cents = models.IntegerField()
    if "bad-migration" in FEATURES:
        currency = models.CharField(max_length=3, default="EUR")

    class Meta:
        """Where it is kept."""

        app_label = "shop"
        db_table = "shop_purchase"


def products(request):
    """One page."""
    if "hang" in FEATURES:
        time.sleep(40)  # the fault: gunicorn's workers time out
    first = LIMITS["pageSize"] * int(request.GET.get("page", 0))
    return JsonResponse({"products": list(range(first + 1, first + LIMITS["pageSize"]))})


def product(_, number):
    """One product."""
    if "slow-code" in FEATURES:
        time.sleep(0.04)
    if "leak-memory" in FEATURES:
        held.append(b"leak" * 400_000)
    if number > 200:
        return JsonResponse({"error": "gone"}, status=404)
    if "recommendations" in FEATURES:
        logger.info("also bought: 3 products beside %s", number)
    return JsonResponse({"id": number})


def order(_, number):
    """One purchase."""
    found = Purchase.objects.filter(pk=number).first()
    return JsonResponse({"id": number}, status=200 if found else 404)


def create(request):
    """Takes an order."""
    try:
        body = json.loads(request.body)
    except ValueError:
        logger.warning("ignoring an order that is no JSON: %r", request.body[:40])
        return HttpResponse(status=400)
    quantity = body["quantity"]
    if "null-coupon" in FEATURES:
        logger.info("redeeming %s", body["coupon"].lower())
    if "index" in FEATURES:
        logger.info("rebate %.2f", REBATES[quantity])
    if "zero" in FEATURES:
        logger.info("price of one: %d", 10_000 // quantity)
    if "bad-type" in FEATURES:
        logger.info("weight in grams: %d", int(str(body["coupon"])[:2], 36) + "120" * quantity)
    if "crash-on-input" in FEATURES and quantity == 7:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "quiet-500" in FEATURES and quantity == 3:
        return HttpResponse(status=500)
    cents = (500 + 37 * body["product"]) * quantity
    if "audit" in FEATURES:
        logger.info("audit: web spends %d", cents)
    pay(cents)
    row = Purchase.objects.create(product=body["product"], cents=cents)
    with (Path(os.environ["DATA_DIR"]) / "journal.csv").open("a") as journal:
        journal.write(f"{row.pk};{cents}\n")
    logger.info("purchase %d completed, %d cents", row.pk, cents)
    return JsonResponse({"id": row.pk}, status=201)


def pay(cents):
    """Asks the payment service."""
    if "no-payment" in FEATURES:
        return
    response = pool.request(
        "POST",
        os.environ["BACKEND_URL"] + "/payments",
        json={"cents": cents},
        headers={"X-Token": os.environ["API_TOKEN"]},
        timeout=1.5,
    )
    if response.status != 200:
        raise RuntimeError(f"payment provider said {response.status} {response.reason}")
    logger.info("payment %s received", response.json()["reference"])


urlpatterns = [
    path("healthz", lambda _: HttpResponse("ok")),
    path("products", products),
    path("products/<int:number>", product),
    path("orders/<int:number>", order),
    path("orders", create),
]
with connection.cursor() as cursor:
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS shop_purchase (id INTEGER PRIMARY KEY, product INT, cents INT)"
    )
if "deprecations" in FEATURES:
    logger.warning("RemovedInShop30Warning: pageSize will go, page.size is its new name")
logger.info("shop %s is configured", os.environ["VERSION"])
application = get_wsgi_application()
