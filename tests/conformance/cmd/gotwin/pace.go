package main

import (
	"slices"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	rememberedLatencies = 64
	rememberedAgents    = 256
	firstStep           = time.Second
	longestStep         = 3 * time.Second
	margin              = 100 * time.Millisecond
)

// pace says when to ask again, from how long each agent took before: few polls are few status patches.
type pace struct {
	lock      sync.Mutex
	latencies map[string][]time.Duration
}

func (p *pace) learn(agent string, took time.Duration) {
	p.lock.Lock()
	defer p.lock.Unlock()
	known, seen := p.latencies[agent]
	if !seen && len(p.latencies) >= rememberedAgents {
		clear(p.latencies)
	}
	known = append(known, took)
	p.latencies[agent] = known[max(0, len(known)-rememberedLatencies):]
}

// nextPoll waits for the tenth percentile of the agent's latencies; after it, steps grow from 1 s to 3 s.
func (p *pace) nextPoll(agent string, elapsed time.Duration) time.Duration {
	if likely := p.tenthPercentile(agent) + margin; elapsed < likely {
		return min(likely-elapsed, longestWait)
	}
	return min(longestStep, max(firstStep, elapsed/10))
}

func (p *pace) tenthPercentile(agent string) time.Duration {
	p.lock.Lock()
	known := slices.Sorted(slices.Values(p.latencies[agent]))
	p.lock.Unlock()
	if len(known) == 0 {
		return 0
	}
	return known[len(known)/10]
}

// resumeAt is rounded up: Kubernetes cuts the fraction of a second off, and the poll would be early.
func resumeAt(wait time.Duration) *metav1.Time {
	moment := metav1.NewTime(time.Now().Add(wait + time.Second - 1).Truncate(time.Second))
	return &moment
}
