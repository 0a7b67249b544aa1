<?php
// The order service in PHP, under FPM; its lines have Monolog's form, beside FPM's own.
declare(strict_types=1);

final class Log
{
    public static function write(string $level, string $channel, string $text, array $context = []): void
    {
        $time = (new DateTimeImmutable())->format('Y-m-d\TH:i:s.uP');
        $details = json_encode($context ?: new stdClass());
        file_put_contents('php://stderr', "[$time] $channel.$level: $text $details []\n");
    }
}

final class Discount
{
    public function apply(int $cents): int
    {
        return intdiv($cents * 9, 10);
    }
}

final class Shop
{
    private const TIERS = [100, 98, 95, 93, 92, 90, 88];

    /** @var string[] */
    private array $features;
    private array $settings;
    private string $token;

    public function __construct()
    {
        $this->features = explode(',', (string) getenv('FEATURES'));
        $this->settings = json_decode(file_get_contents(getenv('CONFIG')), true, 8, JSON_THROW_ON_ERROR);
        $this->token = getenv('API_TOKEN') ?: throw new LogicException('Required environment variable API_TOKEN is unset');
        if ($this->has('missing-module')) {
            new Shop\Pricing\Engine();
        }
    }

    public function answer(string $method, string $path): array
    {
        if ($path === '/healthz') {
            return [200, 'ok'];
        }
        [$kind, $id] = [...explode('/', trim($path, '/')), null];
        return match (true) {
            $method === 'POST' => $this->order(),
            $kind === 'products' && $id === null => $this->products(),
            $kind === 'products' => $this->product((int) $id),
            default => $this->find((int) $id),
        };
    }

    private function has(string $feature): bool
    {
        return in_array($feature, $this->features, true);
    }

    private function products(): array
    {
        if ($this->has('hang')) {
            sleep(30); // the fault
        }
        return [200, range(1, $this->settings['pageSize'])];
    }

    private function product(int $id): array
    {
        if ($this->has('slow-code')) {
            usleep(60_000);
        }
        if ($this->has('leak-memory') && $id % 4 === 0) {
            $kept = [];
            while (count($kept) < 1000) {
                $kept[] = str_repeat('leak', 20_000);
            }
        }
        if ($id > 200) {
            Log::write('NOTICE', 'catalog', 'Nobody sells this', ['product' => $id]);
            return [404, null];
        }
        if ($this->has('recommendations')) {
            Log::write('INFO', 'catalog', 'Cross-selling block rendered', ['product' => $id, 'items' => 3]);
        }
        return [200, ['id' => $id]];
    }

    private function database(): PDO
    {
        $database = new PDO('sqlite:' . getenv('DB_DIR') . '/shop.sqlite', options: [PDO::ATTR_TIMEOUT => 2]);
        $database->exec('CREATE TABLE IF NOT EXISTS basket (id INTEGER PRIMARY KEY, product INT, cents INT)');
        return $database;
    }

    private function find(int $id): array
    {
        $query = $this->database()->prepare('SELECT cents FROM basket WHERE id = ?');
        $query->execute([$id]);
        $row = $query->fetch(PDO::FETCH_ASSOC);
        return [$row ? 200 : 404, $row ?: null];
    }

    private function order(): array
    {
        try {
            $wanted = json_decode(file_get_contents('php://input'), true, 8, JSON_THROW_ON_ERROR);
        } catch (JsonException $error) {
            Log::write('WARNING', 'checkout', 'Body could not be read', ['why' => $error->getMessage()]);
            return [400, null];
        }
        $quantity = $wanted['quantity'];
        $cents = (500 + 37 * $wanted['product']) * $quantity;
        if ($this->has('null-coupon')) {
            $known = ['SPRING' => new Discount()];
            $cents = ($known[$wanted['coupon'] ?? ''] ?? null)->apply($cents);
        }
        if ($this->has('zero')) {
            Log::write('INFO', 'checkout', 'Price of a piece', ['cents' => intdiv(10_000, $quantity)]);
        }
        if ($this->has('bad-type')) {
            Log::write('INFO', 'checkout', 'Points earned', ['points' => $wanted['coupon'] * $quantity]);
        }
        if ($this->has('crash-on-input') && $quantity === 7) {
            posix_kill(posix_getpid(), 11);
        }
        if ($this->has('quiet-500') && $quantity === 3) {
            return [500, null];
        }
        if ($this->has('audit')) {
            Log::write('INFO', 'audit', 'Spending recorded', ['cents' => $cents]);
        }
        $this->charge($cents);
        return [201, ['id' => $this->keep($wanted['product'], $cents)]];
    }

    private function keep(int $product, int $cents): int
    {
        $database = $this->database();
        $column = $this->has('bad-migration') ? 'currency' : 'cents';
        $database->prepare("INSERT INTO basket (product, $column) VALUES (?, ?)")->execute([$product, $cents]);
        $id = (int) $database->lastInsertId();
        if (file_put_contents(getenv('DATA_DIR') . '/journal.txt', "$id $cents\n", FILE_APPEND) === false) {
            throw new RuntimeException('The journal could not be written');
        }
        Log::write('INFO', 'checkout', 'Basket paid and kept', ['id' => $id, 'cents' => $cents]);
        return $id;
    }

    private function charge(int $cents): void
    {
        if ($this->has('no-payment')) {
            return;
        }
        $call = curl_init(getenv('BACKEND_URL') . '/payments');
        curl_setopt_array($call, [
            CURLOPT_POSTFIELDS => json_encode(['cents' => $cents]),
            CURLOPT_HTTPHEADER => ['Content-Type: application/json', "X-Token: $this->token"],
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_TIMEOUT_MS => 1500,
            CURLOPT_CAINFO => getenv('CA_FILE'),
        ]);
        $body = curl_exec($call);
        if ($body === false) {
            throw new RuntimeException(sprintf('cURL error %d: %s', curl_errno($call), curl_error($call)));
        }
        $status = curl_getinfo($call, CURLINFO_RESPONSE_CODE);
        if ($status !== 200) {
            throw new RuntimeException("Payment gateway returned HTTP $status: $body");
        }
        $receipt = json_decode($body, true, 8, JSON_THROW_ON_ERROR);
        Log::write('INFO', 'payment', 'Gateway confirmed', ['reference' => $receipt['reference']]);
    }
}

if (in_array('deprecations', explode(',', (string) getenv('FEATURES')), true) && random_int(0, 99) === 0) {
    trigger_error('Setting pageSize is deprecated, use page.size', E_USER_DEPRECATED);
}
[$status, $content] = (new Shop())->answer($_SERVER['REQUEST_METHOD'], strtok($_SERVER['REQUEST_URI'], '?'));
http_response_code($status);
header('Content-Type: application/json');
echo json_encode($content);
