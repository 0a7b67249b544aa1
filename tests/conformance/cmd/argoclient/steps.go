package main

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/argoproj/argo-rollouts/metricproviders/plugin/rpc"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/utils/plugin/types"
)

const (
	followTimeout  = 60 * time.Second
	shortestResume = 10 * time.Millisecond
)

// runner keeps the last measurement, which the next resume or terminate sends.
type runner struct {
	host  host
	asked scenario
	lock  sync.Mutex
	last  v1alpha1.Measurement
}

func runSteps(host host, asked scenario, out *json.Encoder) error {
	r := &runner{host: host, asked: asked}
	for _, next := range asked.Steps {
		if err := out.Encode(r.do(next)); err != nil {
			return err
		}
		if next.Call == "die" {
			os.Exit(3)
		}
	}
	return nil
}

func (r *runner) do(next step) outcome {
	times := max(next.AtOnce, 1)
	done := outcome{Call: next.Call, Results: make([]any, times)}
	errors := make([]error, times)
	began := time.Now()
	var calls sync.WaitGroup
	calls.Add(times)
	for i := range times {
		go func() {
			defer calls.Done()
			done.Results[i], errors[i] = r.call(next)
		}()
	}
	calls.Wait()
	done.Seconds = time.Since(began).Seconds()
	for _, err := range errors {
		if err != nil {
			done.Error = err.Error()
		}
	}
	return done
}

// call does what needs no plugin; the rest asks the host for it first, as the controller does.
func (r *runner) call(next step) (any, error) {
	switch next.Call {
	case "ping":
		return nil, r.host.ping()
	case "pids", "die":
		return children()
	case "kill":
		return killChildren()
	case "quit":
		r.host.quit()
		return nil, nil
	}
	plugin, err := r.host.plugin(r.asked.Metric)
	if err != nil {
		return nil, err
	}
	return r.callPlugin(plugin, next)
}

func (r *runner) callPlugin(plugin rpc.MetricProviderPlugin, next step) (any, error) {
	run, metric := r.asked.AnalysisRun, r.asked.Metric
	switch next.Call {
	case "init":
		return text(plugin.InitPlugin()), nil
	case "run":
		return r.keep(plugin.Run(run, metric)), nil
	case "resume":
		return r.keep(plugin.Resume(run, metric, r.measurement(next))), nil
	case "terminate":
		return r.keep(plugin.Terminate(run, metric, r.measurement(next))), nil
	case "garbageCollect":
		return text(plugin.GarbageCollect(run, metric, next.Limit)), nil
	case "type":
		return plugin.Type(), nil
	case "getMetadata":
		return plugin.GetMetadata(metric), nil
	case "follow":
		return r.follow(plugin, next)
	}
	return nil, fmt.Errorf("unknown call %q", next.Call)
}

// follow resumes a new measurement whenever it asks for it, until it is finished.
func (r *runner) follow(plugin rpc.MetricProviderPlugin, next step) (any, error) {
	timeout := followTimeout
	if next.TimeoutSeconds > 0 {
		timeout = time.Duration(next.TimeoutSeconds * float64(time.Second))
	}
	deadline := time.Now().Add(timeout)
	measurement := plugin.Run(r.asked.AnalysisRun, r.asked.Metric)
	for measurement.FinishedAt == nil {
		if time.Now().After(deadline) {
			return measurement, fmt.Errorf("not finished after %s", timeout)
		}
		pause := shortestResume
		if measurement.ResumeAt != nil {
			pause = max(pause, min(time.Until(measurement.ResumeAt.Time), time.Until(deadline)))
		}
		time.Sleep(pause)
		measurement = plugin.Resume(r.asked.AnalysisRun, r.asked.Metric, measurement)
	}
	return r.keep(measurement), nil
}

func (r *runner) keep(measurement v1alpha1.Measurement) v1alpha1.Measurement {
	r.lock.Lock()
	defer r.lock.Unlock()
	r.last = measurement
	return measurement
}

func (r *runner) measurement(next step) v1alpha1.Measurement {
	if next.Measurement != nil {
		return *next.Measurement
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.last
}

func text(err types.RpcError) string { return err.ErrorString }
