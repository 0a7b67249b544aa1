package main

import (
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
)

const (
	timeLayout = "2006-01-02T15:04:05.000000-07:00"
	// The namespaces of RFC 9562, and that of the URN urn:metric-ai:a2a:canary-analysis:v1 in it.
	namespaceURL = "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
)

var ids = uuid5(namespaceURL, extensionURI)

// ticket is all that Resume needs. It travels in the measurement's metadata, so any process can go on.
type ticket struct {
	contextID     string
	attempt       int
	submittedAt   time.Time
	deadline      time.Time
	lastContact   time.Time
	agentURL      string
	taskID        string
	card          card
	sign          string    // the agent's last sign of life,
	signSeen      time.Time // and when it changed, by our clock
	resubmissions int
}

// contextIDOf counts measurements without an Error: that count is never trimmed, and the successor of an Error finds its task again.
func contextIDOf(run *v1alpha1.AnalysisRun, metric string) string {
	count := int32(0)
	if result := resultOf(run, metric); result != nil {
		count = result.Count
	}
	return uuid5(ids, fmt.Sprintf("%s\n%s\n%d", run.UID, metric, count))
}

func resultOf(run *v1alpha1.AnalysisRun, metric string) *v1alpha1.MetricResult {
	for i := range run.Status.MetricResults {
		if run.Status.MetricResults[i].Name == metric {
			return &run.Status.MetricResults[i]
		}
	}
	return nil
}

func (t ticket) messageID() string { return uuid5(t.contextID, strconv.Itoa(t.attempt)) }

func (t ticket) resubmitted() ticket {
	t.attempt++
	t.resubmissions++
	t.taskID, t.sign, t.signSeen = "", "", time.Time{}
	return t
}

// entry is one entry of a measurement's metadata; their order says which are cut last.
type entry struct{ name, text string }

func (t ticket) entries() []entry {
	entries := []entry{
		{"contextId", t.contextID},
		{"attempt", strconv.Itoa(t.attempt)},
		{"submittedAt", t.submittedAt.UTC().Format(timeLayout)},
		{"deadline", t.deadline.UTC().Format(timeLayout)},
		{"lastContact", t.lastContact.UTC().Format(timeLayout)},
		{"agentUrl", t.agentURL},
		{"taskId", t.taskID},
	}
	if t.card.URL != "" {
		text, _ := json.Marshal(t.card)
		entries = append(entries, entry{"agentCard", string(text)})
	}
	entries = append(entries, entry{"sign", t.sign})
	if !t.signSeen.IsZero() {
		entries = append(entries, entry{"signSeen", t.signSeen.UTC().Format(timeLayout)})
	}
	if t.resubmissions > 0 {
		entries = append(entries, entry{"resubmissions", strconv.Itoa(t.resubmissions)})
	}
	return entries
}

func readTicket(metadata map[string]string) (t ticket, err error) {
	moment := func(name string) (read time.Time) {
		if err == nil {
			if read, err = time.Parse(time.RFC3339Nano, metadata[name]); err != nil {
				err = fmt.Errorf("the measurement's metadata has no readable %s", name)
			}
		}
		return read
	}
	t = ticket{
		contextID:   metadata["contextId"],
		submittedAt: moment("submittedAt"),
		deadline:    moment("deadline"),
		lastContact: moment("lastContact"),
		agentURL:    metadata["agentUrl"],
		taskID:      metadata["taskId"],
		sign:        metadata["sign"],
	}
	if metadata["signSeen"] != "" {
		t.signSeen = moment("signSeen")
	}
	if err != nil {
		return t, err
	}
	if t.attempt, err = strconv.Atoi(metadata["attempt"]); err != nil || t.contextID == "" || t.agentURL == "" {
		return t, errors.New("the measurement's metadata has no readable contextId, attempt or agentUrl")
	}
	t.resubmissions, _ = strconv.Atoi(metadata["resubmissions"])
	if text := metadata["agentCard"]; text != "" {
		if err := json.Unmarshal([]byte(text), &t.card); err != nil {
			return t, errors.New("the measurement's metadata has no readable agentCard")
		}
	}
	return t, nil
}

// uuid5 is the name-based UUID of RFC 9562, section 5.5.
func uuid5(namespace, name string) string {
	space, _ := hex.DecodeString(namespace[:8] + namespace[9:13] + namespace[14:18] + namespace[19:23] + namespace[24:])
	sum := sha1.Sum(append(space, name...))
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
