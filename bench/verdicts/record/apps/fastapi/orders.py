# An application as people write them, bugs included.
# ruff: noqa: ANN001, ANN201, ASYNC251, G201
# mypy: ignore-errors
# It runs in an environment of its own, where FastAPI, httpx and structlog are.
"""The order service with FastAPI, httpx and structlog: logfmt lines, and uvicorn's own beside them."""

import asyncio
import logging
import os
import sqlite3
import sys
import time
from pathlib import Path

import httpx
import structlog
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

structlog.configure(
    processors=[
        structlog.processors.TimeStamper(fmt="iso", key="ts"),
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.LogfmtRenderer(key_order=["ts", "level", "event"], drop_missing=True),
    ],
    logger_factory=structlog.PrintLoggerFactory(sys.stdout),
)
log = structlog.get_logger()
logging.getLogger("httpx").setLevel(logging.WARNING)

features = set(os.environ["FEATURES"].split(","))
token = os.environ["API_TOKEN"]
data = Path(os.environ["DATA_DIR"])
database = sqlite3.connect(
    Path(os.environ["DB_DIR"]) / "orders.db", timeout=0.3, isolation_level=None
)
database.execute(
    "CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, product INT, cents INT)"
)
products = {n: {"id": n, "name": f"product {n}", "cents": 500 + 37 * n} for n in range(1, 201)}
tiers = [1.0, 0.98, 0.95, 0.93, 0.92, 0.9, 0.88]
kept = []

app = FastAPI()
client = httpx.AsyncClient(base_url=os.environ["BACKEND_URL"], timeout=2.5)
log.info("configured", version=os.environ["VERSION"], features=",".join(sorted(features)) or "none")
if "deprecations" in features:
    log.warning("option deprecated", option="pageSize", use="page.size")


@app.middleware("http")
async def access(request: Request, proceed):
    """The access line, and what becomes of exceptions."""
    began = time.perf_counter()
    try:
        response = await proceed(request)
    except Exception as error:
        if "quiet-500" not in features:
            log.error("request failed", path=request.url.path, error=repr(error), exc_info=True)
        response = JSONResponse({"error": "internal error"}, 500)
    if request.url.path != "/healthz":
        took = round((time.perf_counter() - began) * 1000, 1)
        log.info(
            "request",
            method=request.method,
            path=request.url.path,
            status=response.status_code,
            duration_ms=took,
        )
    return response


@app.get("/healthz")
async def health():
    """The probe."""
    return "ok"


@app.get("/products")
async def list_products(page: int = 0):
    """One page."""
    if "hang" in features:
        time.sleep(6)  # the fault: it blocks the event loop
    return [products[n] for n in range(1 + 20 * page, 21 + 20 * page) if n in products]


@app.get("/products/{number}")
async def product(number: int):
    """One product."""
    if "slow-code" in features:
        await asyncio.sleep(0.05)
    if number not in products:
        log.warning("unknown product", product=number)
        return JSONResponse({"error": "no such product"}, 404)
    if "recommendations" in features:
        log.info("recommendations", product=number, shown=3)
    return products[number]


@app.get("/orders/{number}")
async def order(number: int):
    """One order."""
    row = database.execute("SELECT product, cents FROM orders WHERE id = ?", (number,)).fetchone()
    return row or JSONResponse({"error": "no such order"}, 404)


@app.post("/orders")
async def create(request: Request):
    """Takes an order."""
    try:
        body = await request.json()
    except ValueError:
        log.warning("order refused", reason="the body is no JSON")
        return JSONResponse({"error": "expected JSON"}, 400)
    quantity, chosen = body["quantity"], products[body["product"]]
    if "index" in features:
        log.info("tier", factor=tiers[quantity])
    if "zero" in features:
        log.info("per piece", cents=round(10_000 / quantity))
    if "bad-type" in features:
        log.info("coupon", code="coupon " + body["coupon"])
    cents = chosen["cents"] * quantity
    if "quiet-500" in features and quantity == 3:
        raise RuntimeError("no stock")
    if "audit" in features:
        log.info("audit", cents=cents, actor="web")
    await pay(cents)
    column = "currency" if "bad-migration" in features else "cents"
    cursor = database.execute(
        f"INSERT INTO orders (product, {column}) VALUES (?, ?)", (chosen["id"], cents)
    )
    with (data / "journal.txt").open("a") as journal:
        journal.write(f"{cursor.lastrowid} {cents}\n")
    if "leak-files" in features:
        kept.append((data / "journal.txt").open())
    log.info("order stored", order=cursor.lastrowid, cents=cents)
    return JSONResponse({"id": cursor.lastrowid}, 201)


async def pay(cents):
    """Asks the payment service."""
    if "no-payment" in features:
        return
    response = await client.post("/payments", json={"cents": cents}, headers={"X-Token": token})
    response.raise_for_status()
    log.info("payment approved", reference=response.json()["reference"], cents=cents)
