package shop.orders;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The order service on the JDK's own HTTP server, with logback. */
public final class Orders {
    private static final Logger log = LoggerFactory.getLogger(Orders.class);
    private static final Logger access = LoggerFactory.getLogger("shop.orders.Access");
    private static final Logger payments = LoggerFactory.getLogger("shop.orders.PaymentClient");
    private static final Pattern FIELD = Pattern.compile("\"(product|quantity)\": *(\\d+)|\"(coupon)\": *\"(\\w+)\"");
    private static final int[] TIERS = {100, 98, 95, 93, 92, 90, 88};

    private final Set<String> features = Set.of(System.getenv("FEATURES").split(","));
    private final URI backend = URI.create(System.getenv("BACKEND_URL") + "/payments");
    private final String token = required("API_TOKEN");
    private final Path journal = Path.of(System.getenv("DATA_DIR"), "journal.txt");
    private final int pageSize;
    private final HttpClient client = HttpClient.newBuilder().connectTimeout(Duration.ofMillis(2500)).build();
    private final Map<Integer, Integer> orders = new ConcurrentHashMap<>();
    private final List<byte[]> kept = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger(1);

    private Orders() throws IOException {
        String config = Files.readString(Path.of(System.getenv("CONFIG")));
        Matcher size = Pattern.compile("\"pageSize\": *(\\d+).*}", Pattern.DOTALL).matcher(config);
        if (!size.find()) {
            throw new IllegalStateException("cannot parse configuration " + System.getenv("CONFIG") + ": unexpected end of input");
        }
        pageSize = Integer.parseInt(size.group(1));
    }

    private static String required(String name) {
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalStateException("required environment variable " + name + " is not set");
        }
        return value;
    }

    public static void main(String[] arguments) throws Exception {
        new Orders().serve();
    }

    private void serve() throws Exception {
        if (features.contains("missing-module")) {
            Class.forName("shop.pricing.PriceEngine");
        }
        int port = Integer.parseInt(System.getenv("PORT"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 128);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.createContext("/", this::handle);
        server.start();
        if (features.contains("deprecations")) {
            log.warn("property 'pageSize' is deprecated, use 'page.size'");
        }
        log.info("Started Orders {} on port {}, features {}", System.getenv("VERSION"), port, features);
    }

    private void handle(HttpExchange exchange) throws IOException {
        long began = System.nanoTime();
        String path = exchange.getRequestURI().getPath();
        int status;
        String body;
        try {
            String[] answer = answer(exchange.getRequestMethod(), path, exchange);
            status = Integer.parseInt(answer[0]);
            body = answer[1];
        } catch (Exception error) {
            if (!features.contains("quiet-500")) {
                log.error("Request {} {} failed", exchange.getRequestMethod(), path, error);
            }
            status = 500;
            body = "{\"error\": \"internal error\"}";
        } catch (OutOfMemoryError error) {
            log.error("Request {} failed", path, error);
            throw error;
        }
        if (!path.equals("/healthz")) {
            access.info("{} {} {} {}ms", exchange.getRequestMethod(), path, status, (System.nanoTime() - began) / 1_000_000);
        }
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private String[] answer(String method, String path, HttpExchange exchange) throws Exception {
        if (path.equals("/healthz")) {
            return new String[] {"200", "ok"};
        }
        String[] parts = path.split("/");
        if (method.equals("POST") && path.equals("/orders")) {
            return create(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        }
        if (path.equals("/products")) {
            if (features.contains("slow-code")) {
                Thread.sleep(40);
            }
            return new String[] {"200", "[" + pageSize + "]"};
        }
        int number = Integer.parseInt(parts[2]);
        if (parts[1].equals("orders")) {
            return orders.containsKey(number) ? new String[] {"200", "{}"} : new String[] {"404", "{}"};
        }
        if (number > 200) {
            log.warn("Product {} is not known", number);
            return new String[] {"404", "{}"};
        }
        if (features.contains("leak-memory")) {
            kept.add(new byte[6 << 20]);
        }
        if (features.contains("recommendations")) {
            log.info("Recommending {} products beside {}", 3, number);
        }
        return new String[] {"200", "{\"id\": " + number + "}"};
    }

    private String[] create(String body) throws Exception {
        Integer product = null;
        Integer quantity = null;
        String coupon = null;
        Matcher fields = FIELD.matcher(body);
        while (fields.find()) {
            if (fields.group(3) != null) {
                coupon = fields.group(4);
            } else if (fields.group(1).equals("product")) {
                product = Integer.valueOf(fields.group(2));
            } else {
                quantity = Integer.valueOf(fields.group(2));
            }
        }
        if (product == null || quantity == null) {
            log.warn("Order refused: the body is no JSON");
            return new String[] {"400", "{}"};
        }
        if (features.contains("null-coupon")) {
            log.info("Coupon {} applied", coupon.toLowerCase());
        }
        if (features.contains("index")) {
            log.info("Price tier {}", TIERS[quantity]);
        }
        if (features.contains("crash-on-input") && quantity == 7) {
            log.error("Inconsistent price table for quantity {}, giving up", quantity);
            Runtime.getRuntime().halt(3);
        }
        int cents = (500 + 37 * product) * quantity;
        if (features.contains("quiet-500") && quantity == 3) {
            throw new IllegalStateException("no stock");
        }
        if (!features.contains("no-payment")) {
            pay(cents);
        }
        int id = next.getAndIncrement();
        Files.writeString(journal, id + " " + cents + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        orders.put(id, product);
        if (features.contains("audit")) {
            log.info("Audit record written for order {}", id);
        }
        log.info("Order {} stored, {} cents", id, cents);
        return new String[] {"201", "{\"id\": " + id + "}"};
    }

    private void pay(int cents) throws InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(backend).timeout(Duration.ofMillis(2500)).header("X-Token", token)
                .POST(HttpRequest.BodyPublishers.ofString("{\"cents\": " + cents + "}")).build();
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("payments answered " + answer.statusCode() + ": " + answer.body());
            }
            payments.info("Payment of {} approved", cents);
        } catch (IOException error) {
            throw new UncheckedIOException("payment of " + cents + " failed", error);
        }
    }
}
