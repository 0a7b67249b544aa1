package main

import (
	"fmt"
	"sync"
	"time"

	goPlugin "github.com/hashicorp/go-plugin"
)

// pinger pings again and again, and keeps the times by what goes on meanwhile.
type pinger struct {
	protocol goPlugin.ClientProtocol
	pause    time.Duration
	end      chan struct{}
	done     chan struct{}

	lock sync.Mutex
	name string
	took map[string][]float64
	err  error
}

func newPinger(protocol goPlugin.ClientProtocol, pauseMillis float64) *pinger {
	return &pinger{
		protocol: protocol,
		pause:    time.Duration(pauseMillis * float64(time.Millisecond)),
		end:      make(chan struct{}),
		done:     make(chan struct{}),
		took:     map[string][]float64{},
	}
}

func (p *pinger) start(name string) {
	p.during(name)
	go p.ping()
}

// during names what goes on from now on.
func (p *pinger) during(name string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.name = name
}

func (p *pinger) stop() (map[string][]float64, error) {
	close(p.end)
	<-p.done
	return p.took, p.err
}

func (p *pinger) ping() {
	defer close(p.done)
	if p.pause <= 0 {
		return
	}
	ticker := time.NewTicker(p.pause)
	defer ticker.Stop()
	for {
		select {
		case <-p.end:
			return
		case <-ticker.C:
		}
		begun := time.Now()
		err := p.protocol.Ping()
		passed := millis(time.Since(begun))
		p.lock.Lock()
		if err != nil {
			p.err = fmt.Errorf("ping while %s: %w", p.name, err)
			p.lock.Unlock()
			return
		}
		p.took[p.name] = append(p.took[p.name], passed)
		p.lock.Unlock()
	}
}
