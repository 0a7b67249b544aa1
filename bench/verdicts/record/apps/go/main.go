// The order service on net/http with klog.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"k8s.io/klog/v2"
)

type order struct {
	Product  int     `json:"product"`
	Quantity int     `json:"quantity"`
	Coupon   *string `json:"coupon"`
}

type config struct {
	PageSize int    `json:"pageSize"`
	Currency string `json:"currency"`
}

var (
	features = map[string]bool{}
	tiers    = []int{100, 98, 95, 93, 92, 90, 88}
	mutex    sync.Mutex
	orders   = map[int]order{}
	kept     []any
	client   *http.Client
)

func main() {
	klog.InitFlags(nil)
	flag.Parse()
	for _, name := range strings.Split(os.Getenv("FEATURES"), ",") {
		features[name] = true
	}
	if os.Getenv("API_TOKEN") == "" {
		klog.Fatalf("environment variable API_TOKEN is not set")
	}
	var settings config
	text, err := os.ReadFile(os.Getenv("CONFIG"))
	if err == nil {
		err = json.Unmarshal(text, &settings)
	}
	if err != nil {
		klog.Fatalf("failed to load config %s: %v", os.Getenv("CONFIG"), err)
	}
	authorities := x509.NewCertPool()
	if pem, err := os.ReadFile(os.Getenv("CA_FILE")); err == nil {
		authorities.AppendCertsFromPEM(pem)
	}
	client = &http.Client{
		Timeout:   800 * time.Millisecond,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities}, MaxIdleConnsPerHost: 8},
	}
	if features["deprecations"] {
		klog.Warningf("flag --page-size is deprecated, use --page.size")
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	http.HandleFunc("/", logged(handle))
	klog.InfoS("Starting orders", "version", os.Getenv("VERSION"), "port", os.Getenv("PORT"), "pageSize", settings.PageSize)
	if err := http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil); err != nil {
		klog.ErrorS(err, "Server ended")
		klog.FlushAndExit(time.Second, 1)
	}
}

func logged(next func(*http.Request) (int, any)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		status, body := next(r)
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(body)
		klog.InfoS("HTTP", "verb", r.Method, "URI", r.RequestURI, "latency", time.Since(began), "resp", status)
	}
}

func handle(r *http.Request) (int, any) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if r.Method == http.MethodPost && parts[0] == "orders" {
		status, body, err := create(r)
		if err != nil && !features["quiet-500"] {
			klog.ErrorS(err, "Order failed", "remote", r.RemoteAddr)
		}
		return status, body
	}
	if len(parts) == 1 {
		if features["slow-code"] {
			time.Sleep(45 * time.Millisecond)
		}
		if features["hang"] {
			mutex.Lock()
			time.Sleep(5 * time.Second)
			mutex.Unlock()
		}
		return 200, []int{1, 2, 3}
	}
	number, _ := strconv.Atoi(parts[1])
	if parts[0] == "orders" {
		mutex.Lock()
		defer mutex.Unlock()
		if found, ok := orders[number]; ok {
			return 200, found
		}
		return 404, nil
	}
	if number > 200 {
		klog.Warningf("product %d is not known", number)
		return 404, nil
	}
	if features["leak-memory"] {
		kept = append(kept, bytes.Repeat([]byte("leak"), 1<<20))
	}
	if features["recommendations"] {
		klog.InfoS("Recommended", "product", number, "count", 3)
	}
	return 200, map[string]int{"id": number}
}

func create(r *http.Request) (int, any, error) {
	var wanted order
	if err := json.NewDecoder(r.Body).Decode(&wanted); err != nil {
		klog.Warningf("order refused: %v", err)
		return 400, nil, nil
	}
	if features["null-coupon"] {
		klog.V(0).InfoS("Coupon applied", "coupon", strings.ToLower(*wanted.Coupon))
	}
	if features["index"] {
		klog.InfoS("Price tier", "tier", tiers[wanted.Quantity])
	}
	if features["zero"] {
		klog.InfoS("Price of one", "cents", 10000/wanted.Quantity)
	}
	if features["crash-on-input"] && wanted.Quantity == 7 {
		go func() { tiers[wanted.Quantity]++ }() // nobody recovers in a goroutine of its own
		time.Sleep(time.Second)
	}
	if features["quiet-500"] && wanted.Quantity == 3 {
		return 500, nil, fmt.Errorf("no stock")
	}
	cents := (500 + 37*wanted.Product) * wanted.Quantity
	if features["audit"] {
		klog.InfoS("Audit record written", "cents", cents)
	}
	if err := pay(cents); err != nil {
		return 500, nil, err
	}
	mutex.Lock()
	defer mutex.Unlock()
	number := len(orders) + 1
	journal, err := os.OpenFile(filepath.Join(os.Getenv("DATA_DIR"), "journal.txt"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return 500, nil, fmt.Errorf("cannot open the journal: %w", err)
	}
	if _, err := fmt.Fprintln(journal, number, cents); err != nil {
		return 500, nil, fmt.Errorf("cannot write the journal: %w", err)
	}
	if features["leak-files"] {
		kept = append(kept, journal)
	} else {
		journal.Close()
	}
	orders[number] = wanted
	klog.InfoS("Order stored", "order", number, "cents", cents)
	return 201, map[string]int{"id": number}, nil
}

func pay(cents int) error {
	if features["no-payment"] {
		return nil
	}
	request, err := http.NewRequest("POST", os.Getenv("BACKEND_URL")+"/payments", strings.NewReader(fmt.Sprintf(`{"cents": %d}`, cents)))
	if err != nil {
		return err
	}
	request.Header.Set("X-Token", os.Getenv("API_TOKEN"))
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("payment failed: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != 200 {
		return fmt.Errorf("payment failed: payments answered %s", answer.Status)
	}
	var said struct{ Reference string }
	if err := json.NewDecoder(answer.Body).Decode(&said); err != nil {
		return fmt.Errorf("payment failed: %w", err)
	}
	klog.InfoS("Payment approved", "reference", said.Reference, "cents", cents)
	return nil
}
