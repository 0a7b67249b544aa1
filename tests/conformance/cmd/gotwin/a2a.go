package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	wellKnown = "/.well-known/agent-card.json"
	maxBody   = 4 << 20
	maxID     = 1024

	codeTaskNotFound   = -32001
	codeNotSupported   = -32004
	codeVersionUnknown = -32009
	codeMethodUnknown  = -32601
	codeInvalidParams  = -32602
)

// card is what of an agent's card is needed again, named as in the measurement's metadata.
type card struct {
	URL        string   `json:"url"`
	Version    string   `json:"protocolVersion"`
	Transport  string   `json:"transport"`
	Tenant     string   `json:"tenant"`
	Extensions []string `json:"extensions"`
}

func (c card) extended() bool { return slices.Contains(c.Extensions, extensionURI) }

type task struct {
	ID        string `json:"id"`
	ContextID string `json:"contextId"`
	Status    struct {
		State     string   `json:"state"`
		Message   *message `json:"message"`
		Timestamp string   `json:"timestamp"`
	} `json:"status"`
	Artifacts []message `json:"artifacts"` // of which only the parts count
}

type message struct {
	MessageID  string   `json:"messageId,omitempty"`
	ContextID  string   `json:"contextId,omitempty"`
	Role       string   `json:"role,omitempty"`
	Parts      []part   `json:"parts"`
	Extensions []string `json:"extensions,omitempty"`
}

type part struct {
	Text      string          `json:"text,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
	MediaType string          `json:"mediaType,omitempty"`
}

func (t task) state() string {
	return strings.ReplaceAll(strings.TrimPrefix(strings.ToLower(t.Status.State), "task_state_"), "_", "-")
}

// open is also a task whose state we do not know.
func (t task) open() bool {
	switch t.state() {
	case "completed", "failed", "canceled", "rejected", "input-required", "auth-required":
		return false
	}
	return true
}

func (t task) parts() []part {
	var parts []part
	for _, artifact := range t.Artifacts {
		parts = append(parts, artifact.Parts...)
	}
	if t.Status.Message != nil {
		parts = append(parts, t.Status.Message.Parts...)
	}
	return parts
}

// refusal is an HTTP error or a JSON-RPC error.
type refusal struct {
	where, said  string
	status, code int
	retryAfter   time.Duration
}

func (r *refusal) Error() string {
	if r.code != 0 {
		return fmt.Sprintf("%s answered with error %d: %s", r.where, r.code, r.said)
	}
	return fmt.Sprintf("%s answered HTTP %d", r.where, r.status)
}

// errNoA2A is an answer of another shape than A2A's.
var errNoA2A = errors.New("is no answer of A2A 1.0")

// lost tells that nobody knows whether the agent has received the call.
func lost(err error) bool {
	var refused *refusal
	return !errors.As(err, &refused) && !errors.Is(err, errNoA2A)
}

func retryable(err error) bool {
	var refused *refusal
	if errors.As(err, &refused) {
		return slices.Contains([]int{408, 425, 429, 500, 502, 503, 504}, refused.status)
	}
	return lost(err)
}

func hasCode(err error, codes ...int) bool {
	var refused *refusal
	return errors.As(err, &refused) && slices.Contains(codes, refused.code)
}

// a2a speaks A2A 1.0 over JSON-RPC.
type a2a struct {
	http *http.Client
	ids  atomic.Int64
}

func newA2A() *a2a {
	return &a2a{http: &http.Client{
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			DisableCompression:  true,
			MaxIdleConnsPerHost: 32,              // as many as the controller has workers
			IdleConnTimeout:     4 * time.Second, // below the 5 s of uvicorn and Node.js
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// fetchCard chooses the card's JSON-RPC interface of version 1 with the agent's own origin.
func (a *a2a) fetchCard(ctx context.Context, agentURL string) (card, error) {
	var document struct {
		Interfaces []struct {
			URL     string `json:"url"`
			Binding string `json:"protocolBinding"`
			Version string `json:"protocolVersion"`
			Tenant  string `json:"tenant"`
		} `json:"supportedInterfaces"`
		Capabilities struct {
			Extensions []struct {
				URI string `json:"uri"`
			} `json:"extensions"`
		} `json:"capabilities"`
	}
	if err := a.do(ctx, "GET", agentURL+wellKnown, nil, nil, &document); err != nil {
		return card{}, err
	}
	agent, err := url.Parse(agentURL)
	if err != nil {
		return card{}, err
	}
	for _, offered := range document.Interfaces {
		target, err := agent.Parse(offered.URL)
		ours := offered.Binding == "JSONRPC" && strings.HasPrefix(offered.Version, "1.")
		if err != nil || !ours || target.Scheme != agent.Scheme || target.Host != agent.Host {
			continue
		}
		chosen := card{target.String(), "1.0", "JSONRPC", offered.Tenant, []string{}}
		for _, extension := range document.Capabilities.Extensions {
			chosen.Extensions = append(chosen.Extensions, extension.URI)
		}
		return chosen, nil
	}
	return card{}, fmt.Errorf("the card of %s %w: expected JSONRPC in version 1.0 at that origin", agentURL, errNoA2A)
}

type sendParams struct {
	Tenant        string        `json:"tenant,omitempty"`
	Message       message       `json:"message"`
	Configuration configuration `json:"configuration"`
}

type configuration struct {
	AcceptedOutputModes []string `json:"acceptedOutputModes"`
	ReturnImmediately   bool     `json:"returnImmediately"`
	HistoryLength       int      `json:"historyLength"`
}

// send does not wait for the task's end, where the agent heeds that. A bare message comes back as a completed task without an id.
func (a *a2a) send(ctx context.Context, to card, sent message) (task, error) {
	params := sendParams{to.Tenant, sent, configuration{
		AcceptedOutputModes: []string{verdictMediaType, "application/json", "text/plain"},
		ReturnImmediately:   true,
	}}
	var result struct {
		Task    *task    `json:"task"`
		Message *message `json:"message"`
	}
	if err := a.call(ctx, to, "SendMessage", params, &result); err != nil {
		return task{}, err
	}
	switch {
	case result.Task != nil && result.Task.ID != "" && len(result.Task.ID) <= maxID:
		return *result.Task, nil
	case result.Task == nil && result.Message != nil:
		said := task{Artifacts: []message{*result.Message}}
		said.Status.State = "TASK_STATE_COMPLETED"
		return said, nil
	}
	return task{}, fmt.Errorf("what SendMessage brought %w: neither a task with an id nor a message", errNoA2A)
}

type taskParams struct {
	Tenant        string `json:"tenant,omitempty"`
	ID            string `json:"id"`
	HistoryLength *int   `json:"historyLength,omitempty"`
}

func (a *a2a) getTask(ctx context.Context, to card, id string) (found task, err error) {
	err = a.call(ctx, to, "GetTask", taskParams{to.Tenant, id, new(int)}, &found)
	if err == nil && found.ID != id {
		err = fmt.Errorf("what GetTask brought %w: another task", errNoA2A)
	}
	return found, err
}

func (a *a2a) cancelTask(ctx context.Context, to card, id string) error {
	return a.call(ctx, to, "CancelTask", taskParams{Tenant: to.Tenant, ID: id}, &task{})
}

type listParams struct {
	Tenant           string `json:"tenant,omitempty"`
	ContextID        string `json:"contextId"`
	PageSize         int    `json:"pageSize"`
	HistoryLength    int    `json:"historyLength"`
	IncludeArtifacts bool   `json:"includeArtifacts"`
}

// listTasks gives a context's tasks; none where the agent cannot list them.
func (a *a2a) listTasks(ctx context.Context, to card, contextID string) ([]task, error) {
	var page struct {
		Tasks []task `json:"tasks"`
	}
	err := a.call(ctx, to, "ListTasks", listParams{to.Tenant, contextID, 50, 0, true}, &page)
	if hasCode(err, codeNotSupported, codeVersionUnknown, codeMethodUnknown, codeInvalidParams) {
		return nil, nil
	}
	return slices.DeleteFunc(page.Tasks, func(t task) bool { return t.ContextID != contextID }), err
}

func (a *a2a) call(ctx context.Context, to card, method string, params, result any) error {
	body, err := json.Marshal(map[string]any{
		"jsonrpc": "2.0", "id": strconv.FormatInt(a.ids.Add(1), 10), "method": method, "params": params,
	})
	if err != nil {
		return err
	}
	var reply struct {
		Result json.RawMessage `json:"result"`
		Error  *struct {
			Code    int    `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if method == "SendMessage" && to.extended() {
		header.Set("A2A-Extensions", extensionURI)
	}
	if err := a.do(ctx, "POST", to.URL, header, body, &reply); err != nil {
		return err
	}
	if reply.Error != nil {
		return &refusal{where: method, said: reply.Error.Message, status: 200, code: reply.Error.Code}
	}
	if err := json.Unmarshal(reply.Result, result); err != nil {
		return fmt.Errorf("what %s brought %w: %w", method, errNoA2A, err)
	}
	return nil
}

func (a *a2a) do(ctx context.Context, verb, target string, header http.Header, body []byte, into any) error {
	asked, err := http.NewRequestWithContext(ctx, verb, target, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if header != nil {
		asked.Header = header
	}
	asked.Header.Set("A2A-Version", "1.0")
	asked.Header.Set("Accept", "application/json")
	answer, err := a.http.Do(asked)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxBody+1))
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After"))
		return &refusal{where: target, status: answer.StatusCode, retryAfter: time.Duration(seconds) * time.Second}
	}
	if len(content) > maxBody {
		return fmt.Errorf("the answer of %s %w: more than %d bytes", target, errNoA2A, maxBody)
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("the answer of %s %w: %w", target, errNoA2A, err)
	}
	return nil
}
