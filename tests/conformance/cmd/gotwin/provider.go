package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/utils/plugin/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	budget      = time.Second // so long Run and Resume wait for an agent
	lease       = leaseSeconds * time.Second
	longestWait = min(30*time.Second, lease/3)
)

// provider is Argo's metric provider: Run submits, Resume asks, Terminate cancels, and nothing waits for an analysis.
type provider struct {
	agents *agents
	pace   pace

	lock   sync.Mutex
	steps  map[string]*pending
	leases map[string]*time.Timer
}

// pending is a step under way, of which there is one at a time for each context.
type pending struct {
	done chan struct{}
	stop context.CancelFunc
	step step
	err  error
}

func newProvider(all *agents) *provider {
	return &provider{
		agents: all,
		pace:   pace{latencies: map[string][]time.Duration{}},
		steps:  map[string]*pending{},
		leases: map[string]*time.Timer{},
	}
}

// job is one call of the controller's, read and checked.
type job struct {
	metric   v1alpha1.Metric
	settings stanza
	request  request
	started  *metav1.Time
}

func (p *provider) InitPlugin() types.RpcError { return types.RpcError{} }

func (p *provider) Type() string { return "MetricAI" }

func (p *provider) GarbageCollect(*v1alpha1.AnalysisRun, v1alpha1.Metric, int) types.RpcError {
	return types.RpcError{}
}

func (p *provider) GetMetadata(metric v1alpha1.Metric) map[string]string {
	settings, err := readStanza(metric)
	if err != nil {
		return map[string]string{}
	}
	return map[string]string{
		"agentUrl": settings.AgentURL, "stableLabel": settings.StableLabel, "canaryLabel": settings.CanaryLabel,
	}
}

func (p *provider) Run(run *v1alpha1.AnalysisRun, metric v1alpha1.Metric) v1alpha1.Measurement {
	now := metav1.Now()
	settings, err := readStanza(metric)
	if err != nil {
		return finished(v1alpha1.AnalysisPhaseError, err.Error(), &now, nil)
	}
	failures := 0
	if result := resultOf(run, metric.Name); result != nil {
		failures = int(result.Error)
	}
	t := ticket{
		contextID:   contextIDOf(run, metric.Name),
		attempt:     failures + 1, // for agents that cannot list their tasks
		submittedAt: now.Time,
		deadline:    now.Add(settings.timeout),
		lastContact: now.Time,
		agentURL:    settings.AgentURL,
	}
	one := job{metric, settings, newRequest(run, metric, settings, t.deadline), &now}
	return logged(run, metric, p.advance(one, t, failures == 0))
}

func (p *provider) Resume(run *v1alpha1.AnalysisRun, metric v1alpha1.Metric, measurement v1alpha1.Measurement) v1alpha1.Measurement {
	one, t, err := read(run, metric, measurement)
	if err != nil {
		return finished(v1alpha1.AnalysisPhaseError, err.Error(), measurement.StartedAt, measurement.Metadata)
	}
	return logged(run, metric, p.advance(one, t, false))
}

// Terminate cancels. There is no verdict, and none may be made up.
func (p *provider) Terminate(run *v1alpha1.AnalysisRun, metric v1alpha1.Metric, measurement v1alpha1.Measurement) v1alpha1.Measurement {
	message, metadata := "terminated before a verdict", measurement.Metadata
	if one, t, err := read(run, metric, measurement); err != nil {
		message = fmt.Sprintf("%s (%s)", message, err)
	} else {
		p.giveUp(t)
		measurement.StartedAt, metadata = one.started, bounded(t.entries())
	}
	return logged(run, metric, finished(v1alpha1.AnalysisPhaseInconclusive, message, measurement.StartedAt, metadata))
}

func read(run *v1alpha1.AnalysisRun, metric v1alpha1.Metric, measurement v1alpha1.Measurement) (job, ticket, error) {
	settings, err := readStanza(metric)
	if err != nil {
		return job{}, ticket{}, err
	}
	t, err := readTicket(measurement.Metadata)
	if err != nil {
		return job{}, ticket{}, err
	}
	started := measurement.StartedAt
	if started == nil {
		started = &metav1.Time{Time: t.submittedAt}
	}
	return job{metric, settings, newRequest(run, metric, settings, t.deadline), started}, t, nil
}

func (p *provider) advance(one job, t ticket, first bool) v1alpha1.Measurement {
	if !time.Now().Before(t.deadline) {
		p.giveUp(t)
		waited := time.Since(t.submittedAt).Seconds()
		return one.failed(t, fmt.Errorf("%s: no verdict after %.0f s (timeout %s)", analysisFailed, waited, one.settings.timeout))
	}
	under := p.begin(one, t, first)
	select {
	case <-under.done:
	case <-time.After(budget):
		p.renew(t)
		return p.running(one, t, step{})
	}
	p.lock.Lock()
	if p.steps[t.contextID] == under {
		delete(p.steps, t.contextID)
	}
	p.lock.Unlock()
	if under.err != nil {
		p.release(t)
		return one.failed(t, under.err)
	}
	return p.judge(one, under.step)
}

// begin starts the step, or finds the one that is under way.
func (p *provider) begin(one job, t ticket, first bool) *pending {
	p.lock.Lock()
	defer p.lock.Unlock()
	if under := p.steps[t.contextID]; under != nil {
		return under
	}
	ctx, stop := context.WithCancel(context.Background())
	under := &pending{done: make(chan struct{}), stop: stop}
	p.steps[t.contextID] = under
	go func() {
		defer stop()
		defer close(under.done)
		under.step, under.err = p.agents.advance(ctx, t, one.request, first)
	}()
	return under
}

func (p *provider) judge(one job, brought step) v1alpha1.Measurement {
	t, answer := brought.ticket, brought.answer
	if answer == nil || answer.open() {
		p.renew(t)
		return p.running(one, t, brought)
	}
	p.release(t)
	switch state := answer.state(); state {
	case "completed":
		found, err := readVerdict(*answer, one.request.Run.UID)
		if err != nil {
			return one.failed(t, fmt.Errorf("%s: %w", analysisFailed, err))
		}
		p.pace.learn(t.agentURL, brought.readyAt().Sub(t.submittedAt))
		phase, message := found.concluded(one.metric, one.settings.minConfidence)
		measurement := finished(phase, message, one.started, bounded(append(t.entries(), found.entries()...)))
		measurement.Value = found.value()
		return measurement
	case "input-required", "auth-required":
		p.giveUp(t)
		message := fmt.Sprintf("the agent's task is %s, which nobody can help%s", state, said(*answer))
		return finished(v1alpha1.AnalysisPhaseInconclusive, message, one.started, bounded(t.entries()))
	default:
		return one.failed(t, fmt.Errorf("%s: the agent's task ended as %s%s", analysisFailed, state, said(*answer)))
	}
}

func (j job) failed(t ticket, err error) v1alpha1.Measurement {
	return finished(v1alpha1.AnalysisPhaseError, err.Error(), j.started, bounded(t.entries()))
}

// said is what the agent says about the task's state.
func said(answer task) string {
	if answer.Status.Message == nil {
		return ""
	}
	text := ":"
	for _, each := range answer.Status.Message.Parts {
		text += " " + each.Text
	}
	return cut(strings.TrimRight(text, ": "), 500)
}

func (p *provider) running(one job, t ticket, brought step) v1alpha1.Measurement {
	wait := p.pace.nextPoll(t.agentURL, time.Since(t.submittedAt))
	return v1alpha1.Measurement{
		Phase:     v1alpha1.AnalysisPhaseRunning,
		StartedAt: one.started,
		ResumeAt:  resumeAt(min(max(wait, brought.wait), longestWait)),
		Metadata:  bounded(t.entries()),
	}
}

// giveUp lets the agent know, without waiting longer than the budget for it.
func (p *provider) giveUp(t ticket) {
	p.release(t)
	p.lock.Lock()
	under := p.steps[t.contextID]
	delete(p.steps, t.contextID)
	p.lock.Unlock()
	told := make(chan struct{})
	go func() {
		defer close(told)
		// A message on its way may have started a task whose name only its reply will tell.
		if under != nil {
			select {
			case <-under.done:
				if under.err == nil {
					t = under.step.ticket
				}
			case <-time.After(2 * budget):
				under.stop()
			}
		}
		p.agents.cancel(t)
	}()
	select {
	case <-told:
	case <-time.After(budget):
	}
}

// renew gives the analysis another lease: what the controller no longer asks for is given up.
func (p *provider) renew(t ticket) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if timer := p.leases[t.contextID]; timer != nil {
		timer.Stop()
	}
	p.leases[t.contextID] = time.AfterFunc(lease, func() {
		slog.Info("Nobody has asked for a whole lease: giving the analysis up", "task", t.taskID)
		p.giveUp(t)
	})
}

func (p *provider) release(t ticket) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if timer := p.leases[t.contextID]; timer != nil {
		timer.Stop()
		delete(p.leases, t.contextID)
	}
}

func finished(phase v1alpha1.AnalysisPhase, message string, started *metav1.Time, metadata map[string]string) v1alpha1.Measurement {
	now := metav1.Now()
	return v1alpha1.Measurement{
		Phase: phase, Message: oneLine(message), StartedAt: started, FinishedAt: &now, Metadata: maps.Clone(metadata),
	}
}

func logged(run *v1alpha1.AnalysisRun, metric v1alpha1.Metric, measurement v1alpha1.Measurement) v1alpha1.Measurement {
	if measurement.FinishedAt != nil {
		slog.Info(strings.TrimSpace(string(measurement.Phase)+" "+measurement.Message),
			"namespace", run.Namespace, "run", run.Name, "metric", metric.Name, "task", measurement.Metadata["taskId"],
			"seconds", measurement.FinishedAt.Sub(measurement.StartedAt.Time).Seconds())
	}
	return measurement
}
