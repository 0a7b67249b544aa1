package shop.orders;

import jakarta.annotation.PostConstruct;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ClientHttpRequestFactorySettings;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.filter.OncePerRequestFilter;

/** The order service on Spring Boot, with its usual log and one line a request. */
@SpringBootApplication
public class Orders {
    static final Set<String> FEATURES = Set.of(System.getenv("FEATURES").split(","));

    public static void main(String[] arguments) {
        SpringApplication.run(Orders.class, arguments);
    }

    record Basket(int product, int quantity, String coupon) {}

    @Component
    static class AccessLog extends OncePerRequestFilter {
        private final Logger log = LoggerFactory.getLogger(getClass());

        @Override
        protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws ServletException, IOException {
            long began = System.nanoTime();
            boolean thrown = true;
            try {
                chain.doFilter(request, response);
                thrown = false;
            } finally {
                if (!request.getRequestURI().equals("/healthz")) {
                    log.info("{} {} {} in {} ms", request.getMethod(), request.getRequestURI(),
                            thrown ? 500 : response.getStatus(), (System.nanoTime() - began) / 1_000_000);
                }
            }
        }
    }

    @Service
    static class PaymentGateway {
        private final Logger log = LoggerFactory.getLogger(getClass());
        private final RestClient client;
        private final String token;

        PaymentGateway(SslBundles bundles, @Value("${BACKEND_URL}") String address, @Value("${API_TOKEN}") String token) {
            var settings = ClientHttpRequestFactorySettings.defaults()
                    .withConnectTimeout(Duration.ofSeconds(1))
                    .withReadTimeout(Duration.ofMillis(1500))
                    .withSslBundle(bundles.getBundle("payments"));
            var factory = ClientHttpRequestFactoryBuilder.simple().build(settings);
            this.client = RestClient.builder().baseUrl(address).requestFactory(factory).build();
            this.token = token;
        }

        void authorize(int cents) {
            if (FEATURES.contains("no-payment")) {
                return;
            }
            Map<?, ?> answer = client.post().uri("/payments").header("X-Token", token)
                    .contentType(MediaType.APPLICATION_JSON).body(Map.of("cents", cents))
                    .retrieve().body(Map.class);
            log.info("Authorized {} cents, reference {}", cents, answer.get("reference"));
        }
    }

    @Service
    static class Ledger {
        private final Logger log = LoggerFactory.getLogger(getClass());
        private final JdbcTemplate database;
        private final DataSource source;
        private final Path journal;

        Ledger(JdbcTemplate database, DataSource source, @Value("${DATA_DIR}") String folder) {
            this.database = database;
            this.source = source;
            this.journal = Path.of(folder, "ledger.txt");
        }

        int add(int product, int cents) throws IOException, SQLException {
            String column = FEATURES.contains("bad-migration") ? "currency" : "cents";
            database.update("INSERT INTO orders (product, " + column + ") VALUES (?, ?)", product, cents);
            Integer id = database.queryForObject("SELECT MAX(id) FROM orders", Integer.class);
            if (FEATURES.contains("leak-connections") && product % 4 == 0) {
                source.getConnection().setReadOnly(true); // the fault: nobody closes it
            }
            Files.writeString(journal, id + " " + cents + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            log.info("Ledger entry {} written, {} cents", id, cents);
            return id;
        }

        boolean has(int id) {
            return !database.queryForList("SELECT id FROM orders WHERE id = ?", id).isEmpty();
        }
    }

    @RestController
    static class Shop {
        private static final int[] REBATES = {0, 2, 5, 7, 8, 10, 12};
        private final Logger log = LoggerFactory.getLogger(getClass());
        private final List<byte[]> kept = new ArrayList<>();
        private final PaymentGateway gateway;
        private final Ledger ledger;
        private final int pageSize;

        Shop(PaymentGateway gateway, Ledger ledger, @Value("${pageSize}") int pageSize) {
            this.gateway = gateway;
            this.ledger = ledger;
            this.pageSize = pageSize;
        }

        @PostConstruct
        void check() throws ClassNotFoundException {
            if (FEATURES.contains("missing-module")) {
                Class.forName("shop.pricing.Engine");
            }
            if (FEATURES.contains("deprecations")) {
                log.warn("Property 'pageSize' is deprecated for removal, use 'page.size'");
            }
            log.info("Orders {} sells {} products a page", System.getenv("VERSION"), pageSize);
        }

        @GetMapping("/healthz")
        String health() {
            return "ok";
        }

        @GetMapping("/products")
        int[] products() throws InterruptedException {
            if (FEATURES.contains("hang")) {
                synchronized (kept) {
                    Thread.sleep(5000);
                }
            }
            return IntStream.rangeClosed(1, pageSize).toArray();
        }

        @GetMapping("/products/{id}")
        ResponseEntity<?> product(@PathVariable int id) throws InterruptedException {
            if (FEATURES.contains("slow-code")) {
                Thread.sleep(50);
            }
            if (FEATURES.contains("leak-memory")) {
                kept.add(new byte[1 << 20]);
            }
            if (id > 200) {
                log.warn("Product {} was asked for but is not sold", id);
                return ResponseEntity.notFound().build();
            }
            if (FEATURES.contains("recommendations")) {
                log.info("Product {} goes with 3 others", id);
            }
            return ResponseEntity.ok(Map.of("id", id));
        }

        @GetMapping("/orders/{id}")
        ResponseEntity<?> order(@PathVariable int id) {
            return ledger.has(id) ? ResponseEntity.ok(id) : ResponseEntity.notFound().build();
        }

        @PostMapping("/orders")
        ResponseEntity<?> place(@RequestBody Basket basket) throws IOException, SQLException {
            if (FEATURES.contains("null-coupon")) {
                log.info("Coupon {} redeemed", basket.coupon().toLowerCase());
            }
            if (FEATURES.contains("index")) {
                log.info("Rebate of {} percent", REBATES[basket.quantity()]);
            }
            if (FEATURES.contains("zero")) {
                log.info("One piece costs {}", 10_000 / basket.quantity());
            }
            if (FEATURES.contains("bad-type")) {
                log.info("Campaign {}", Integer.parseInt(basket.coupon()));
            }
            if (FEATURES.contains("crash-on-input") && basket.quantity() == 7) {
                log.error("Inventory is corrupt for quantity {}, shutting down", basket.quantity());
                Runtime.getRuntime().halt(70);
            }
            if (FEATURES.contains("quiet-500") && basket.quantity() == 3) {
                return ResponseEntity.internalServerError().build();
            }
            int cents = (500 + 37 * basket.product()) * basket.quantity();
            if (FEATURES.contains("audit")) {
                log.info("Audit event published, {} cents", cents);
            }
            gateway.authorize(cents);
            return ResponseEntity.status(HttpStatus.CREATED).body(ledger.add(basket.product(), cents));
        }
    }
}
