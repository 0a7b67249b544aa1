// Command analysisload does to a plugin what the controller does under load, through go-plugin and Argo's own rpc package,
// and measures it: Run, then Resume at ResumeAt, from a number of workers, with Ping beside them.
//
// It reads a scenario as JSON and writes one JSON object of raw figures; times are milliseconds, moments Unix seconds.
package main

import (
	"encoding/json"
	"log"
	"os"
	"time"

	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
)

// scenario is what is to be done, in the order of its fields.
type scenario struct {
	Plugin      []string `json:"plugin"`      // command line of a metric provider
	PingMillis  float64  `json:"pingMillis"`  // between two pings; 0: only the first one
	IdleSeconds float64  `json:"idleSeconds"` // before the first analysis

	Warmup       []analysis `json:"warmup"` // run to their ends before anything is measured
	Analyses     []analysis `json:"analyses"`
	Workers      int        `json:"workers"`      // calls at one time
	Resume       bool       `json:"resume"`       // false: Run alone
	OpenSeconds  float64    `json:"openSeconds"`  // how long to go on after the last Run; 0: until all have ended
	LimitSeconds float64    `json:"limitSeconds"` // for everything
}

// analysis is one AnalysisRun and its metric, as Kubernetes writes them.
type analysis struct {
	Run    *v1alpha1.AnalysisRun `json:"run"`
	Metric v1alpha1.Metric       `json:"metric"`
}

type report struct {
	FirstPing float64              `json:"firstPing"` // from exec
	Init      float64              `json:"init"`
	Pings     map[string][]float64 `json:"pings"` // by what went on meanwhile: idle, opening, open
	Runs      []float64            `json:"runs"`
	Resumes   []float64            `json:"resumes"`
	Outcomes  []outcome            `json:"outcomes"`
	RSSIdle   int                  `json:"rssIdle"` // KiB
	RSSOpen   int                  `json:"rssOpen"` // KiB, the most seen while analyses were open
	CPU       float64              `json:"cpu"`     // seconds, from the first analysis to the end
}

// outcome is how one analysis went.
type outcome struct {
	UID     string  `json:"uid"`
	Phase   string  `json:"phase"`
	Message string  `json:"message"`
	Running int     `json:"running"` // answers Running: status patches that only say when to ask again
	Begun   float64 `json:"begun"`
	Ended   float64 `json:"ended"` // 0 when it was still open at the end
}

func main() {
	var asked scenario
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal("scenario: ", err)
	}
	result, err := play(asked)
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		log.Fatal(err)
	}
}

func play(asked scenario) (*report, error) {
	result := &report{}
	plugin, err := start(asked, result)
	if err != nil {
		return nil, err
	}
	defer plugin.client.Kill()
	pings := newPinger(plugin.protocol, asked.PingMillis)
	begun := time.Now()
	plugin.provider.InitPlugin()
	result.Init = millis(time.Since(begun))
	pings.start("idle")
	time.Sleep(seconds(asked.IdleSeconds))
	result.RSSIdle = residentKiB(plugin.pid)
	if len(asked.Analyses) > 0 {
		pings.during("warm-up")
		newLoad(plugin.provider, asked).play(asked.Warmup)
		before := processorSeconds(plugin.pid)
		load := newLoad(plugin.provider, asked)
		memory := watchMemory(plugin.pid)
		pings.during("opening")
		load.opened = func() { pings.during("open") }
		load.play(asked.Analyses)
		result.CPU = processorSeconds(plugin.pid) - before
		result.RSSOpen = memory.most()
		result.Runs, result.Resumes, result.Outcomes = load.runs, load.resumes, load.outcomes
	}
	result.Pings, err = pings.stop()
	return result, err
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func millis(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }

func unix(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
