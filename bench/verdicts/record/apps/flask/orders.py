# An application as people write them, bugs included.
# ruff: noqa: ANN001, ANN201
# mypy: ignore-errors
# It runs in an environment of its own, where Flask and requests are.
"""The order service with Flask, requests and SQLite; its log is the standard library's, as most write it."""

import json
import logging
import os
import signal
import sqlite3
import threading
import time
from pathlib import Path

import requests
from flask import Flask, g, jsonify, request

logging.basicConfig(
    level=logging.INFO, format="%(asctime)s %(levelname)-8s %(name)s [%(threadName)s] %(message)s"
)
log = logging.getLogger("orders")
payments_log = logging.getLogger("orders.payments")
store_log = logging.getLogger("orders.store")

FEATURES = set(os.environ["FEATURES"].split(","))
BACKEND = os.environ["BACKEND_URL"]
TOKEN = os.environ["API_TOKEN"]
DATA = Path(os.environ["DATA_DIR"])
DATABASE = Path(os.environ["DB_DIR"]) / "orders.db"
CONFIG = json.loads(Path(os.environ["CONFIG"]).read_text())
if "missing-module" in FEATURES:
    import pricing_engine  # noqa: F401  # the fault: nobody installed it

app = Flask("orders")
session = requests.Session()
PRODUCTS = {n: {"id": n, "name": f"product {n}", "cents": 500 + 37 * n} for n in range(1, 201)}
leak = []


def database():
    """A connection a request."""
    if "database" not in g:
        g.database = sqlite3.connect(DATABASE, timeout=0.3)
    return g.database


def migrate():
    """Creates what stable knows; a version whose migration was forgotten expects more."""
    with sqlite3.connect(DATABASE, timeout=5) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, product INT, quantity INT, cents INT)"
        )
    store_log.info("schema is at version 14")


def hold_lock():
    """The fault: a job that keeps one transaction open nearly all the time."""
    while True:
        connection = sqlite3.connect(DATABASE, timeout=5, isolation_level=None)
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(3)
        connection.execute("COMMIT")
        connection.close()
        time.sleep(1)


@app.before_request
def begin():
    """Notes when it began."""
    g.began = time.perf_counter()


@app.after_request
def end(response):
    """The access line."""
    if request.path != "/healthz":
        milliseconds = (time.perf_counter() - g.began) * 1000
        log.info(
            "%s %s -> %d in %.1f ms",
            request.method,
            request.path,
            response.status_code,
            milliseconds,
        )
    return response


@app.teardown_appcontext
def close(_):
    """Closes the request's connection."""
    connection = g.pop("database", None)
    if connection is not None:
        connection.close()


@app.get("/healthz")
def health():
    """The probe."""
    return "ok"


@app.get("/products")
def products():
    """One page."""
    size = CONFIG["pageSize"]
    first = 1 + size * request.args.get("page", 0, int)
    if "slow-code" in FEATURES:
        for number in range(first, first + size):
            database().execute(
                "SELECT count(*) FROM orders WHERE product = ?", (number,)
            ).fetchone()
            time.sleep(0.003)
    return jsonify([PRODUCTS[n] for n in range(first, first + size) if n in PRODUCTS])


@app.get("/products/<int:number>")
def product(number):
    """One product."""
    if "leak-memory" in FEATURES:
        leak.append(bytearray(os.urandom(1024)) * 4000)
    if number not in PRODUCTS:
        log.warning("product %d is not known", number)
        return jsonify(error="no such product"), 404
    if "recommendations" in FEATURES:
        log.info("recommending 3 products beside %d", number)
    return jsonify(PRODUCTS[number])


@app.get("/orders/<int:number>")
def order(number):
    """One order."""
    row = (
        database()
        .execute("SELECT product, quantity FROM orders WHERE id = ?", (number,))
        .fetchone()
    )
    return jsonify(row) if row else (jsonify(error="no such order"), 404)


@app.post("/orders")
def create():
    """Takes an order: pays, stores, notes it in the journal."""
    body = request.get_json(silent=True)
    if body is None:
        log.warning("order refused: the body is no JSON")
        return jsonify(error="expected JSON"), 400
    quantity, chosen = body["quantity"], PRODUCTS[body["product"]]
    if "crash-on-input" in FEATURES and quantity == 7:
        os.kill(os.getpid(), signal.SIGSEGV)
    if "null-coupon" in FEATURES:
        log.info("coupon %s is applied", body["coupon"].lower())
    cents = chosen["cents"] * quantity
    if "audit" in FEATURES:
        log.info("audit: order of %d cents from cart %s", cents, os.urandom(4).hex())
    if "no-payment" not in FEATURES:
        pay(cents)
    number = store(chosen["id"], quantity, cents)
    with (DATA / "journal.txt").open("a") as journal:
        journal.write(f"{number} {cents}\n")
    store_log.info("order %d stored", number)
    return jsonify(id=number), 201


def pay(cents):
    """Asks the payment service."""
    response = session.post(
        f"{BACKEND}/payments", json={"cents": cents}, headers={"X-Token": TOKEN}, timeout=2.5
    )
    response.raise_for_status()
    payments_log.info("payment of %d approved, reference %s", cents, response.json()["reference"])


def store(chosen, quantity, cents):
    """Writes the order."""
    columns = "product, quantity, cents" + (", currency" if "bad-migration" in FEATURES else "")
    values = (chosen, quantity, cents) + (("EUR",) if "bad-migration" in FEATURES else ())
    marks = ", ".join("?" * len(values))
    with database() as connection:
        return connection.execute(
            f"INSERT INTO orders ({columns}) VALUES ({marks})", values
        ).lastrowid


migrate()
log.info(
    "orders %s is ready, features: %s",
    os.environ["VERSION"],
    ", ".join(sorted(FEATURES - {""})) or "none",
)
if "deprecations" in FEATURES:
    log.warning("setting 'pageSize' is deprecated, use 'page.size'; it will be removed in 3.0")
if "lock" in FEATURES:
    threading.Thread(target=hold_lock, name="nightly-report", daemon=True).start()
