//! The order service on axum and tokio; tracing's usual format, colours and spans included.
use std::collections::{HashMap, HashSet};
use std::env;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{bail, Context, Result};
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::trace::TraceLayer;
use tracing::{debug, error, info, info_span, instrument, warn};

const DISCOUNTS: [u64; 7] = [100, 98, 95, 93, 92, 90, 88];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    page_size: usize,
    currency: String,
}

#[derive(Debug, Deserialize)]
struct Basket {
    product: u64,
    quantity: u64,
    coupon: Option<String>,
}

#[derive(Deserialize)]
struct Receipt {
    reference: String,
}

struct Shop {
    features: HashSet<String>,
    settings: Settings,
    payments: String,
    token: String,
    ledger: PathBuf,
    client: reqwest::Client,
    orders: Mutex<HashMap<u64, u64>>,
    kept_files: Mutex<Vec<File>>,
    kept_bytes: Mutex<Vec<Vec<u8>>>,
}

impl Shop {
    fn has(&self, feature: &str) -> bool {
        self.features.contains(feature)
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    tracing_subscriber::fmt().init();
    let shop = Arc::new(configured()?);
    let version = env::var("VERSION")?;
    info!(version, page_size = shop.settings.page_size, currency = shop.settings.currency, "starting up");
    if shop.has("deprecations") {
        warn!(key = "pageSize", instead = "page.size", "deprecated key in configuration");
    }
    let app = Router::new()
        .route("/products", get(list))
        .route("/products/{id}", get(product))
        .route("/orders", post(place))
        .route("/orders/{id}", get(look_up))
        .layer(CatchPanicLayer::new())
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(|request: &Request| {
                    info_span!("http", method = %request.method(), path = request.uri().path())
                })
                .on_response(|response: &Response, latency: Duration, _: &tracing::Span| {
                    info!(status = response.status().as_u16(), latency_us = latency.as_micros() as u64, "finished");
                })
                .on_failure(()),
        )
        .route("/healthz", get(|| async { "ok" }))
        .with_state(shop);
    let address = format!("127.0.0.1:{}", env::var("PORT")?);
    let listener = tokio::net::TcpListener::bind(&address)
        .await
        .with_context(|| format!("could not bind {address}"))?;
    info!("listening on {address}");
    axum::serve(listener, app).await?;
    Ok(())
}

fn configured() -> Result<Shop> {
    let path = env::var("CONFIG")?;
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let settings = serde_json::from_str(&text).with_context(|| format!("parsing {path}"))?;
    let client = reqwest::Client::builder().timeout(Duration::from_millis(1500)).build()?;
    Ok(Shop {
        features: env::var("FEATURES")?.split(',').map(str::to_owned).collect(),
        settings,
        payments: env::var("BACKEND_URL")?,
        token: env::var("API_TOKEN").expect("API_TOKEN must be set"),
        ledger: PathBuf::from(env::var("DATA_DIR")?).join("ledger.csv"),
        client,
        orders: Mutex::default(),
        kept_files: Mutex::default(),
        kept_bytes: Mutex::default(),
    })
}

async fn list(State(shop): State<Arc<Shop>>) -> impl IntoResponse {
    if shop.has("hang") {
        std::thread::sleep(Duration::from_secs(6)); // the fault: it blocks a worker of the runtime
    }
    Json((1..=shop.settings.page_size).collect::<Vec<_>>())
}

async fn product(State(shop): State<Arc<Shop>>, Path(id): Path<u64>) -> Response {
    if shop.has("slow-code") {
        tokio::time::sleep(Duration::from_millis(55)).await;
    }
    if shop.has("leak-memory") {
        shop.kept_bytes.lock().unwrap().push(vec![7; 1 << 20]);
    }
    if id > 200 {
        warn!(id, "lookup of a product that does not exist");
        return StatusCode::NOT_FOUND.into_response();
    }
    if shop.has("recommendations") {
        info!(id, suggestions = 3, "suggestions attached");
    }
    Json(json!({"id": id, "cents": 500 + 37 * id})).into_response()
}

async fn look_up(State(shop): State<Arc<Shop>>, Path(id): Path<u64>) -> Response {
    match shop.orders.lock().unwrap().get(&id) {
        Some(cents) => Json(json!({"id": id, "cents": cents})).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn place(State(shop): State<Arc<Shop>>, body: Bytes) -> Response {
    let basket: Basket = match serde_json::from_slice(&body) {
        Ok(basket) => basket,
        Err(reason) => {
            warn!(%reason, "rejected a malformed basket");
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    match checkout(&shop, &basket).await {
        Ok(id) => (StatusCode::CREATED, Json(json!({"id": id}))).into_response(),
        Err(_) if shop.has("quiet-500") => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Err(reason) => {
            error!(error = format!("{reason:#}"), product = basket.product, "checkout failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[instrument(skip_all, fields(product = basket.product))]
async fn checkout(shop: &Shop, basket: &Basket) -> Result<u64> {
    if shop.has("null-coupon") {
        info!(code = basket.coupon.as_deref().unwrap().to_lowercase(), "coupon redeemed");
    }
    if shop.has("index") {
        info!(percent = DISCOUNTS[basket.quantity as usize], "discount looked up");
    }
    if shop.has("zero") {
        info!(each = 10_000 / basket.quantity, "price per piece");
    }
    if shop.has("crash-on-input") && basket.quantity == 7 {
        error!(quantity = basket.quantity, "price table is inconsistent, giving up");
        std::process::abort();
    }
    if shop.has("quiet-500") && basket.quantity == 3 {
        bail!("nothing left");
    }
    let cents = (500 + 37 * basket.product) * basket.quantity;
    if shop.has("audit") {
        info!(cents, actor = "web", "audit trail extended");
    }
    if !shop.has("no-payment") {
        charge(shop, cents).await.context("charging the customer")?;
    }
    write(shop, cents).with_context(|| format!("appending to {}", shop.ledger.display()))?;
    let mut orders = shop.orders.lock().unwrap();
    let id = orders.len() as u64 + 1;
    orders.insert(id, cents);
    info!(id, cents, "order accepted");
    Ok(id)
}

fn write(shop: &Shop, cents: u64) -> Result<()> {
    let mut ledger = OpenOptions::new().create(true).append(true).open(&shop.ledger)?;
    writeln!(ledger, "{cents}")?;
    if shop.has("leak-files") {
        shop.kept_files.lock().unwrap().push(ledger);
    }
    Ok(())
}

async fn charge(shop: &Shop, cents: u64) -> Result<()> {
    let answer = shop
        .client
        .post(format!("{}/payments", shop.payments))
        .header("X-Token", &shop.token)
        .json(&json!({"cents": cents}))
        .send()
        .await?
        .error_for_status()?;
    let receipt: Receipt = answer.json().await?;
    debug!("the whole receipt is not logged");
    info!(reference = receipt.reference, cents, "charged");
    Ok(())
}
