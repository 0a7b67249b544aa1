// Command pingload measures a metric plugin under load, through go-plugin and Argo's own rpc package: -callers goroutines call
// Run with AnalysisRuns of about -bytes bytes, each again after -pause, while Ping is asked for every -every. It writes one JSON
// object. What comes after the flags is the plugin's command line.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/argoproj/argo-rollouts/metricproviders/plugin/rpc"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

var (
	callers  = flag.Int("callers", 200, "goroutines that call Run")
	size     = flag.Int("bytes", 5000, "size of an AnalysisRun's variable part")
	pause    = flag.Duration("pause", 0, "between two calls of one caller")
	every    = flag.Duration("every", 5*time.Millisecond, "between two pings")
	duration = flag.Duration("duration", 5*time.Second, "how long")
)

// newRun makes an AnalysisRun of many small fields, as real ones are.
func newRun(size int) *v1alpha1.AnalysisRun {
	run := &v1alpha1.AnalysisRun{ObjectMeta: metav1.ObjectMeta{Name: "run", Namespace: "shop", UID: "5e1c"}}
	run.Annotations = map[string]string{}
	for i := 0; i < size/100; i++ {
		value := strings.Repeat("v", 30)
		run.Spec.Args = append(run.Spec.Args, v1alpha1.Argument{Name: fmt.Sprintf("argument-%d", i), Value: &value})
		run.Annotations[fmt.Sprintf("annotation-%d", i)] = value
	}
	run.Spec.Metrics = []v1alpha1.Metric{newMetric()}
	return run
}

func newMetric() v1alpha1.Metric {
	return v1alpha1.Metric{Name: "verdict", Interval: "10s", Provider: v1alpha1.MetricProvider{
		Plugin: map[string]json.RawMessage{"argoproj-labs/metric-ai": json.RawMessage(`{"agentUrl":"http://agent"}`)},
	}}
}

type report struct {
	Pings, Runs, Errors      int
	P50, P90, P99, Max       float64 // milliseconds
	RunsPerSecond, FirstPing float64 // the latter in milliseconds from exec
	RunP50, RunP99           float64
}

func main() {
	flag.Parse()
	started := time.Now()
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: 1, MagicCookieKey: "ARGO_ROLLOUTS_RPC_PLUGIN", MagicCookieValue: "metricprovider",
		},
		Plugins: plugin.PluginSet{"RpcMetricProviderPlugin": &rpc.RpcMetricProviderPlugin{}},
		Cmd:     exec.Command(flag.Arg(0), flag.Args()[1:]...),
		Logger:  hclog.New(&hclog.LoggerOptions{Output: os.Stderr, Level: hclog.Warn}),
	})
	defer client.Kill()
	protocol, err := client.Client()
	if err == nil {
		err = protocol.Ping()
	}
	if err != nil {
		client.Kill()
		log.Fatal(err)
	}
	result := report{FirstPing: millis(time.Since(started))}
	dispensed, err := protocol.Dispense("RpcMetricProviderPlugin")
	if err != nil {
		client.Kill()
		log.Fatal(err)
	}
	provider := dispensed.(rpc.MetricProviderPlugin)
	provider.InitPlugin()
	provider.Run(newRun(*size), newMetric())
	load(protocol, provider, &result)
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Print(err)
	}
}

func load(protocol plugin.ClientProtocol, provider rpc.MetricProviderPlugin, result *report) {
	var runs, errors atomic.Int64
	var lock sync.Mutex
	var took []float64
	var wait sync.WaitGroup
	run, end := newRun(*size), time.Now().Add(*duration)
	for i := 0; i < *callers; i++ {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			time.Sleep(*pause * time.Duration(i) / time.Duration(*callers)) // spread over the first pause
			for time.Now().Before(end) {
				start := time.Now()
				if m := provider.Run(run, newMetric()); m.Phase == v1alpha1.AnalysisPhaseError {
					errors.Add(1)
				}
				runs.Add(1)
				lock.Lock()
				took = append(took, millis(time.Since(start)))
				lock.Unlock()
				time.Sleep(*pause)
			}
		}(i)
	}
	var pings []float64
	for time.Now().Before(end) {
		start := time.Now()
		if err := protocol.Ping(); err != nil {
			log.Print("ping: ", err)
			break
		}
		pings = append(pings, millis(time.Since(start)))
		time.Sleep(*every)
	}
	wait.Wait()
	result.Pings, result.Runs, result.Errors = len(pings), int(runs.Load()), int(errors.Load())
	result.P50, result.P90, result.P99, result.Max = at(pings, 0.5), at(pings, 0.9), at(pings, 0.99), at(pings, 1)
	result.RunP50, result.RunP99 = at(took, 0.5), at(took, 0.99)
	result.RunsPerSecond = float64(result.Runs) / duration.Seconds()
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func at(values []float64, part float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sort.Float64s(values)
	return values[min(len(values)-1, int(part*float64(len(values))))]
}
