// Command gohost is a host with hashicorp's own go-plugin that tests drive: one JSON command a line on stdin, one JSON answer
// a line on stdout. Its arguments are the plugin's command line.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/rpc"
	"os"
	"os/exec"
	"sort"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
)

// command is one line of stdin. Which fields count depends on Op.
type command struct {
	Op     string
	Name   string // plugin to dispense
	Method string
	Text   string
	Number int
	Kind   string // type of argument and reply: "string", "int", "bytes" (an int argument, a []byte reply)
	Count  int
}

type answer struct {
	Error  string    `json:"error"`
	Values []any     `json:"values,omitempty"`
	Millis []float64 `json:"millis,omitempty"`
}

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	lock sync.Mutex
	data bytes.Buffer
}

func (b *buffer) Write(data []byte) (int, error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.data.Write(data)
}

func (b *buffer) String() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.data.String()
}

// raw hands the net/rpc client of a dispensed plugin on as it is.
type raw struct{}

func (raw) Server(*plugin.MuxBroker) (any, error) { return nil, nil }

func (raw) Client(_ *plugin.MuxBroker, client *rpc.Client) (any, error) { return client, nil }

type host struct {
	client                   *plugin.Client
	protocol                 plugin.ClientProtocol
	dispensed                *rpc.Client
	stdout, stderr, log, raw buffer
}

func newHost(argv []string) *host {
	h := &host{}
	h.client = plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "GOPLUGIN_TEST",
			MagicCookieValue: "echo",
		},
		Plugins:    plugin.PluginSet{"Echo": raw{}, "Broken": raw{}, "Unknown": raw{}},
		Cmd:        exec.Command(argv[0], argv[1:]...),
		SyncStdout: &h.stdout,
		SyncStderr: &h.stderr,
		Stderr:     &h.raw,
		AutoMTLS:   os.Getenv("GOHOST_AUTO_MTLS") != "",
		Logger: hclog.New(&hclog.LoggerOptions{
			Output: &h.log, Level: hclog.Trace, JSONFormat: true,
		}),
	})
	return h
}

func (h *host) do(c command) (answer, error) {
	switch c.Op {
	case "start":
		var err error
		h.protocol, err = h.client.Client()
		return answer{}, err
	case "ping":
		return h.ping(c.Count)
	case "dispense":
		dispensed, err := h.protocol.Dispense(c.Name)
		if err == nil {
			h.dispensed = dispensed.(*rpc.Client)
		}
		return answer{}, err
	case "call":
		return h.call(c)
	case "output":
		return answer{Values: []any{h.stdout.String(), h.stderr.String(), h.raw.String(), h.log.String()}}, nil
	case "quit": // Control.Quit and a wait for the exit, SIGKILL after 2 s
		h.client.Kill()
		return answer{Values: []any{h.client.Exited()}}, nil
	case "exited":
		return answer{Values: []any{h.client.Exited()}}, nil
	}
	return answer{}, fmt.Errorf("unknown op %q", c.Op)
}

func (h *host) ping(count int) (answer, error) {
	millis := make([]float64, count)
	for i := range millis {
		start := time.Now()
		if err := h.protocol.Ping(); err != nil {
			return answer{}, err
		}
		millis[i] = float64(time.Since(start).Microseconds()) / 1000
		time.Sleep(time.Millisecond)
	}
	sort.Float64s(millis)
	return answer{Millis: millis}, nil
}

// call makes c.Count calls at once; their replies are listed in the order in which they came.
func (h *host) call(c command) (answer, error) {
	type outcome struct {
		value any
		err   error
	}
	outcomes := make(chan outcome, c.Count)
	for i := 0; i < c.Count; i++ {
		go func(i int) {
			value, err := h.callOne(c, i)
			outcomes <- outcome{value, err}
		}(i)
	}
	var result answer
	for i := 0; i < c.Count; i++ {
		one := <-outcomes
		if one.err != nil {
			return result, one.err
		}
		result.Values = append(result.Values, one.value)
	}
	return result, nil
}

func (h *host) callOne(c command, i int) (any, error) {
	switch c.Kind {
	case "int":
		var reply int
		err := h.dispensed.Call("Plugin."+c.Method, c.Number*(c.Count-i), &reply)
		return reply, err
	case "bytes":
		var reply []byte
		err := h.dispensed.Call("Plugin."+c.Method, c.Number, &reply)
		return len(reply), err
	default:
		var reply string
		err := h.dispensed.Call("Plugin."+c.Method, fmt.Sprintf("%s%d", c.Text, i), &reply)
		return reply, err
	}
}

func main() {
	h := newHost(os.Args[1:])
	defer h.client.Kill()
	commands := bufio.NewScanner(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for commands.Scan() {
		var c command
		var result answer
		err := json.Unmarshal(commands.Bytes(), &c)
		if err == nil {
			result, err = h.do(c)
		}
		if err != nil {
			result.Error = err.Error()
		}
		if err := answers.Encode(result); err != nil {
			return
		}
	}
}
