// The order service on NestJS and axios, with Nest's own console logger, colours included.
import 'reflect-metadata';
import {
  Body, CallHandler, Controller, ExecutionContext, Get, HttpException, Injectable, Logger, Module,
  NestInterceptor, NotFoundException, Param, Post, Query,
} from '@nestjs/common';
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import axios from 'axios';
import { readFileSync, openSync, appendFileSync } from 'fs';
import { join } from 'path';
import { finalize } from 'rxjs';

const features = new Set((process.env.FEATURES || '').split(',').filter(Boolean));
const rebates = [1, 0.98, 0.95, 0.93, 0.92, 0.9, 0.88];

class Setting {
  static required(name: string): string {
    const value = process.env[name];
    if (value === undefined) throw new Error(`Configuration property "${name}" is not defined`);
    return value;
  }
}

@Injectable()
class PaymentsClient {
  private readonly logger = new Logger(PaymentsClient.name);
  private readonly http = axios.create({
    baseURL: Setting.required('BACKEND_URL'),
    timeout: 2500,
    headers: { 'x-token': Setting.required('API_TOKEN') },
  });

  async capture(cents: number): Promise<void> {
    if (features.has('no-payment')) return;
    const { data } = await this.http.post('/payments', { cents });
    this.logger.log(`Captured ${cents} cents as ${data.reference.toUpperCase()}`);
  }
}

@Injectable()
class OrdersService {
  private readonly logger = new Logger(OrdersService.name);
  private readonly journal = join(Setting.required('DATA_DIR'), 'orders.journal');
  private readonly orders = new Map<number, number>();
  private readonly held: unknown[] = [];

  constructor(private readonly payments: PaymentsClient) {}

  find(id: number): number | undefined {
    return this.orders.get(id);
  }

  hold(): void {
    this.held.push(new Array(300000).fill(Math.random()));
  }

  async place(wanted: { product: number; quantity: number; coupon: string | null }): Promise<number> {
    const { product, quantity, coupon } = wanted;
    if (features.has('null-coupon')) this.logger.log(`Redeeming coupon ${coupon.trim()}`);
    if (features.has('index')) this.logger.log(`Rebate of ${rebates[quantity].toFixed(2)} applies`);
    if (features.has('bad-type')) this.logger.log(`Split into ${(quantity as any).split(',').length} parcels`);
    if (features.has('crash-on-input') && quantity === 7) {
      setImmediate(() => { throw new RangeError(`Cannot pack ${quantity} pieces`); });
    }
    if (features.has('quiet-500') && quantity === 3) throw new HttpException('Try again', 500);
    const cents = (500 + 37 * product) * quantity;
    await this.payments.capture(cents);
    if (features.has('leak-files')) this.held.push(openSync(process.env.CONFIG, 'r'));
    appendFileSync(this.journal, `${cents}\n`);
    if (features.has('audit')) this.logger.log(`Audit entry: web bought for ${cents}`);
    const id = this.orders.size + 1;
    this.orders.set(id, cents);
    this.logger.log(`Order ${id} placed (${cents} cents)`);
    return id;
  }
}

@Controller()
class ShopController {
  private readonly logger = new Logger(ShopController.name);

  constructor(private readonly service: OrdersService) {}

  @Get('healthz')
  health(): string {
    return 'ok';
  }

  @Get('products')
  list(@Query('page') page = '0'): number[] {
    if (features.has('hang')) { const until = Date.now() + 6000; while (Date.now() < until); }
    return Array.from({ length: 20 }, (_, n) => 20 * Number(page) + n + 1);
  }

  @Get('products/:id')
  async product(@Param('id') id: string): Promise<object> {
    if (features.has('slow-code')) await new Promise((proceed) => setTimeout(proceed, 60));
    if (features.has('leak-memory')) this.service.hold();
    if (Number(id) > 200) throw new NotFoundException(`Product ${id} is not in the catalogue`);
    if (features.has('recommendations')) this.logger.log(`3 similar products for ${id}`);
    return { id: Number(id) };
  }

  @Get('orders/:id')
  order(@Param('id') id: string): object {
    const cents = this.service.find(Number(id));
    if (cents === undefined) throw new NotFoundException();
    return { id, cents };
  }

  @Post('orders')
  async create(@Body() body: { product: number; quantity: number; coupon: string | null }): Promise<object> {
    return { id: await this.service.place(body) };
  }
}

@Injectable()
class AccessInterceptor implements NestInterceptor {
  private readonly logger = new Logger('HTTP');

  intercept(context: ExecutionContext, next: CallHandler) {
    const request = context.switchToHttp().getRequest();
    const response = context.switchToHttp().getResponse();
    if (request.path === '/healthz') return next.handle();
    const began = performance.now();
    return next.handle().pipe(finalize(() => {
      response.once('finish', () => {
        const took = (performance.now() - began).toFixed(0);
        const line = `${request.method} ${request.originalUrl} ${response.statusCode} +${took}ms`;
        if (response.statusCode === 404) this.logger.warn(line);
        else this.logger.log(line);
      });
    }));
  }
}

@Module({
  controllers: [ShopController],
  providers: [OrdersService, PaymentsClient, { provide: APP_INTERCEPTOR, useClass: AccessInterceptor }],
})
class AppModule {}

async function bootstrap(): Promise<void> {
  const settings = JSON.parse(readFileSync(Setting.required('CONFIG'), 'utf8'));
  if (features.has('missing-module')) require('@shop/pricing');
  const app = await NestFactory.create(AppModule);
  const logger = new Logger('Bootstrap');
  if (features.has('deprecations')) logger.warn('"pageSize" is deprecated and will be removed, use "page.size"');
  await app.listen(Number(process.env.PORT), '127.0.0.1');
  logger.log(`Orders ${process.env.VERSION} listens on ${process.env.PORT}, ${settings.pageSize} products a page`);
}

void bootstrap();
