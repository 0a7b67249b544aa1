package main

import (
	"sync"
	"time"

	"github.com/argoproj/argo-rollouts/metricproviders/plugin/rpc"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// load plays analyses as the controller's workers do.
type load struct {
	provider rpc.MetricProviderPlugin
	resume   bool
	open     time.Duration
	limit    time.Time
	workers  chan struct{}
	opened   func() // called when the last Run has returned
	end      chan struct{}

	lock          sync.Mutex
	runs, resumes []float64
	outcomes      []outcome
}

func newLoad(provider rpc.MetricProviderPlugin, asked scenario) *load {
	return &load{
		provider: provider,
		resume:   asked.Resume,
		open:     seconds(asked.OpenSeconds),
		limit:    time.Now().Add(seconds(asked.LimitSeconds)),
		workers:  make(chan struct{}, max(1, asked.Workers)),
		opened:   func() {},
		end:      make(chan struct{}),
	}
}

// play runs all analyses, and returns when they have ended or the time is up.
func (l *load) play(analyses []analysis) {
	var running, done sync.WaitGroup
	running.Add(len(analyses))
	done.Add(len(analyses))
	l.outcomes = make([]outcome, len(analyses))
	for i := range analyses {
		go func() {
			defer done.Done()
			l.follow(&analyses[i], &l.outcomes[i], running.Done)
		}()
	}
	running.Wait()
	l.opened()
	span := time.Until(l.limit)
	if l.open > 0 {
		span = min(span, l.open)
	}
	timer := time.AfterFunc(span, func() { close(l.end) })
	done.Wait()
	timer.Stop()
}

// follow is one analysis: Run, then Resume at each ResumeAt until it has ended.
func (l *load) follow(one *analysis, out *outcome, ran func()) {
	out.UID = string(one.Run.UID)
	result := &one.Run.Status.MetricResults[0]
	var measurement v1alpha1.Measurement
	l.work(&l.runs, func() {
		out.Begun = unix(time.Now())
		measurement = l.provider.Run(one.Run, one.Metric)
	})
	ran()
	result.Measurements = append(result.Measurements, measurement)
	for l.resume && measurement.FinishedAt == nil {
		out.Running++
		if !l.sleepUntil(measurement.ResumeAt) {
			break
		}
		l.work(&l.resumes, func() {
			measurement = l.provider.Resume(one.Run, one.Metric, measurement)
		})
		result.Measurements[len(result.Measurements)-1] = measurement
	}
	if measurement.FinishedAt != nil {
		out.Ended = unix(time.Now())
	}
	out.Phase, out.Message = string(measurement.Phase), measurement.Message
}

// work does one call when a worker is free, and keeps how long the call took.
func (l *load) work(took *[]float64, call func()) {
	l.workers <- struct{}{}
	begun := time.Now()
	call()
	passed := millis(time.Since(begun))
	<-l.workers
	l.lock.Lock()
	*took = append(*took, passed)
	l.lock.Unlock()
}

// sleepUntil waits for ResumeAt as Kubernetes keeps it, in whole seconds; false when the time was up before.
func (l *load) sleepUntil(moment *metav1.Time) bool {
	wait := time.Second
	if moment != nil {
		wait = time.Until(moment.Rfc3339Copy().Time)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.end:
		return false
	}
}
