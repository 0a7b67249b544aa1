// The order service with Express and pino: one JSON object a line.
'use strict';
const express = require('express');
const fs = require('fs');
const path = require('path');
const pino = require('pino');

const features = new Set((process.env.FEATURES || '').split(',').filter(Boolean));
const log = pino({ base: { service: 'orders', version: process.env.VERSION } });
for (const name of ['API_TOKEN', 'BACKEND_URL']) {
  if (!process.env[name]) throw new Error(`environment variable ${name} is not set`);
}
const config = JSON.parse(fs.readFileSync(process.env.CONFIG, 'utf8'));
if (features.has('missing-module')) require('./pricing-engine');

const products = new Map();
for (let id = 1; id <= 200; id++) products.set(id, { id, name: `product ${id}`, cents: 500 + 37 * id });
const journal = path.join(process.env.DATA_DIR, 'journal.txt');
const orders = new Map();
const kept = [];
let next = 1;

const app = express();
app.use((request, response, proceed) => {
  const began = process.hrtime.bigint();
  response.on('finish', () => {
    if (request.path === '/healthz') return;
    const responseTime = Number(process.hrtime.bigint() - began) / 1e6;
    const level = response.statusCode >= 500 && !features.has('quiet-500') ? 'error' : 'info';
    log[level]({ req: { method: request.method, url: request.originalUrl }, res: { statusCode: response.statusCode },
      responseTime: Math.round(responseTime * 10) / 10 }, 'request completed');
  });
  proceed();
});
app.use(express.json());

app.get('/healthz', (request, response) => response.send('ok'));

app.get('/products', (request, response) => {
  if (features.has('hang')) { const until = Date.now() + 6000; while (Date.now() < until); }
  const first = 1 + config.pageSize * Number(request.query.page || 0);
  response.json([...products.values()].slice(first - 1, first - 1 + config.pageSize));
});

app.get('/products/:id', (request, response) => {
  const product = products.get(Number(request.params.id));
  if (features.has('leak-memory')) kept.push(new Array(300000).fill(Math.random()));
  if (!product) {
    log.warn({ product: request.params.id }, 'unknown product');
    return response.status(404).json({ error: 'no such product' });
  }
  if (features.has('recommendations')) log.info({ product: product.id, shown: 3 }, 'recommendations added');
  response.json(product);
});

app.get('/orders/:id', (request, response) => {
  const order = orders.get(Number(request.params.id));
  return order ? response.json(order) : response.status(404).json({ error: 'no such order' });
});

app.post('/orders', async (request, response, proceed) => {
  try {
    const { product, quantity, coupon } = request.body;
    if (features.has('null-coupon')) log.info({ coupon: coupon.toLowerCase() }, 'coupon applied');
    if (features.has('crash-on-input') && quantity === 7) {
      setImmediate(() => { throw new RangeError(`no price tier for quantity ${quantity}`); });
      return;
    }
    if (features.has('quiet-500') && quantity === 3) return response.status(500).json({ error: 'try again' });
    const cents = products.get(product).cents * quantity;
    await pay(cents);
    if (features.has('leak-files')) kept.push(fs.openSync(process.env.CONFIG));
    fs.appendFileSync(journal, `${next} ${cents}\n`);
    orders.set(next, { id: next, product, quantity });
    if (features.has('audit')) log.info({ cents, actor: 'web' }, 'audit record written');
    log.info({ order: next, cents }, 'order stored');
    response.status(201).json({ id: next++ });
  } catch (error) {
    proceed(error);
  }
});

async function pay(cents) {
  if (features.has('no-payment')) return;
  const answer = await fetch(`${process.env.BACKEND_URL}/payments`, {
    method: 'POST', body: JSON.stringify({ cents }), signal: AbortSignal.timeout(2500),
    headers: { 'content-type': 'application/json', 'x-token': process.env.API_TOKEN },
  });
  if (!answer.ok) throw new Error(`payments answered ${answer.status}: ${(await answer.json()).error}`);
  const { reference } = await answer.json();
  log.info({ reference }, 'payment approved');
}

app.use((error, request, response, proceed) => {
  if (error.type === 'entity.parse.failed') {
    log.warn({ reason: 'invalid JSON body' }, 'order refused');
    return response.status(400).json({ error: 'expected JSON' });
  }
  log.error({ err: error, cause: error.cause && String(error.cause) }, 'request failed');
  response.status(500).json({ error: 'internal error' });
});

app.listen(Number(process.env.PORT), '127.0.0.1', (error) => {
  if (error) throw error;
  log.info({ port: process.env.PORT, features: [...features] }, 'orders is ready');
});
if (features.has('deprecations')) log.warn('option "pageSize" is deprecated, use "page.size"');
