package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/utils/evaluate"
)

const (
	maxMessage    = 1024
	maxValue      = 8 * 1024
	maxMetadata   = 32 * 1024
	shownEvidence = 10
)

type verdict struct {
	SchemaVersion   string            `json:"schemaVersion"`
	RunUID          string            `json:"runUid"`
	Verdict         string            `json:"verdict"`
	Promote         *bool             `json:"promote"`
	Confidence      *float64          `json:"confidence"`
	Analysis        string            `json:"analysis"`
	RootCause       string            `json:"rootCause"`
	Remediation     string            `json:"remediation"`
	Evidence        []json.RawMessage `json:"evidence"`
	Coverage        coverage          `json:"coverage"`
	ModelResults    []json.RawMessage `json:"modelResults"`
	VotingRationale string            `json:"votingRationale"`
	PRLink          string            `json:"prLink"`
	IssueLink       string            `json:"issueLink"`
	AgentVersion    string            `json:"agentVersion"`
}

type coverage struct {
	Pods       float64  `json:"pods"` // numbers in data parts may be doubles
	Containers float64  `json:"containers"`
	Lines      float64  `json:"lines"`
	Truncated  bool     `json:"truncated"`
	Gaps       []string `json:"gaps"`
}

// readVerdict finds the verdict on the run in a completed task, or says why there is none.
func readVerdict(done task, runUID string) (*verdict, error) {
	var found *verdict
	for _, part := range done.parts() {
		if part.MediaType != verdictMediaType || part.Data == nil {
			continue
		}
		read := &verdict{SchemaVersion: "1", Coverage: coverage{Gaps: []string{}}}
		if err := json.Unmarshal(part.Data, read); err != nil {
			return nil, fmt.Errorf("the verdict cannot be used: %w", err)
		}
		if err := read.check(runUID); err != nil {
			return nil, fmt.Errorf("the verdict cannot be used: %w", err)
		}
		if found != nil && found.Verdict != read.Verdict {
			return nil, errors.New("found verdicts that contradict each other, expected one")
		}
		found = read
	}
	if found == nil {
		return nil, fmt.Errorf("no verdict in the answer: expected a data part of %s", verdictMediaType)
	}
	return found, nil
}

// check looks at what decides.
func (v *verdict) check(runUID string) error {
	switch {
	case v.SchemaVersion != "1":
		return fmt.Errorf("schemaVersion: found %.20q, expected 1", v.SchemaVersion)
	case v.RunUID != runUID:
		return fmt.Errorf("runUid: found %.40q, expected %q, the run that asked", v.RunUID, runUID)
	case v.Verdict != "promote" && v.Verdict != "rollback" && v.Verdict != "inconclusive":
		return fmt.Errorf("verdict: found %.20q, expected promote, rollback or inconclusive", v.Verdict)
	case v.Promote != nil && *v.Promote != v.promotes():
		return fmt.Errorf("promote: found %t, which contradicts the verdict %s", *v.Promote, v.Verdict)
	case v.Confidence == nil || !(*v.Confidence >= 0 && *v.Confidence <= 100):
		return errors.New("confidence: expected a number from 0 to 100")
	case *v.Confidence == 0 && (v.promotes() || strings.Contains(strings.ToLower(v.Analysis), "unable to parse")):
		return errors.New("confidence: found 0 with a verdict nobody vouches for")
	}
	return nil
}

func (v *verdict) promotes() bool { return v.Verdict == "promote" }

// severity is from best to worst: a condition may make a verdict worse, never better.
var severity = map[v1alpha1.AnalysisPhase]int{
	v1alpha1.AnalysisPhaseSuccessful:   0,
	v1alpha1.AnalysisPhaseInconclusive: 1,
	v1alpha1.AnalysisPhaseFailed:       2,
}

// concluded is the phase and message of a verdict: the one place that makes Successful.
func (v *verdict) concluded(metric v1alpha1.Metric, minConfidence float64) (v1alpha1.AnalysisPhase, string) {
	phase, below := v1alpha1.AnalysisPhaseInconclusive, ""
	switch {
	case v.Verdict == "rollback":
		phase = v1alpha1.AnalysisPhaseFailed
	case v.promotes() && *v.Confidence >= minConfidence:
		phase = v1alpha1.AnalysisPhaseSuccessful
	case v.promotes():
		below = fmt.Sprintf(" (below minConfidence %.6g)", minConfidence)
	}
	message := fmt.Sprintf("%s, %.6g %% confident%s", v.Verdict, *v.Confidence, below)
	for _, why := range []string{v.RootCause, v.Analysis, v.VotingRationale} {
		if why != "" {
			message += ": " + why
			break
		}
	}
	message = oneLine(message)
	said, err := v.conditions(metric)
	switch {
	case err != nil:
		if phase != v1alpha1.AnalysisPhaseFailed {
			phase = v1alpha1.AnalysisPhaseError
		}
		message = oneLine(fmt.Sprintf("%s (the metric's condition cannot be evaluated: %s)", message, err))
	case severity[said] > severity[phase]:
		phase = said
		message = oneLine(fmt.Sprintf("%s (the metric's condition makes it %s)", message, said))
	}
	return phase, message
}

// conditions says what evaluate.EvaluateResult does, which wants a logger of another module.
func (v *verdict) conditions(metric v1alpha1.Metric) (v1alpha1.AnalysisPhase, error) {
	result := map[string]any{
		"verdict": v.Verdict, "promote": v.promotes(), "confidence": *v.Confidence, "value": nil,
	}
	if text := v.value(); text != "" {
		result["value"], _ = strconv.ParseFloat(text, 64)
	}
	success, failure := metric.SuccessCondition == "", false
	var err error
	if metric.SuccessCondition != "" {
		if success, err = evaluate.EvalCondition(result, metric.SuccessCondition); err != nil {
			return "", err
		}
		failure = metric.FailureCondition == "" && !success
	}
	if metric.FailureCondition != "" {
		if failure, err = evaluate.EvalCondition(result, metric.FailureCondition); err != nil {
			return "", err
		}
	}
	switch {
	case failure:
		return v1alpha1.AnalysisPhaseFailed, nil
	case success:
		return v1alpha1.AnalysisPhaseSuccessful, nil
	}
	return v1alpha1.AnalysisPhaseInconclusive, nil
}

func (v *verdict) value() string {
	switch v.Verdict {
	case "promote":
		return fmt.Sprintf("%.6g", *v.Confidence/100)
	case "rollback":
		return "0"
	}
	return ""
}

func (v *verdict) entries() []entry {
	covered, _ := json.Marshal(v.Coverage)
	return []entry{
		{"verdict", v.Verdict},
		{"confidence", fmt.Sprintf("%.6g", *v.Confidence)},
		{"rootCause", v.RootCause},
		{"analysis", v.Analysis},
		{"remediation", v.Remediation},
		{"coverage", string(covered)},
		{"issueLink", v.IssueLink},
		{"prLink", v.PRLink},
		{"votingRationale", v.VotingRationale},
		{"agentVersion", v.AgentVersion},
		{"evidence", compactList(v.Evidence[:min(len(v.Evidence), shownEvidence)])},
		{"modelResults", compactList(v.ModelResults)},
	}
}

// compactList holds whole items only, as many as fit, so that it stays JSON.
func compactList(items []json.RawMessage) string {
	list := bytes.NewBufferString("[")
	for i, item := range items {
		end := list.Len()
		if i > 0 {
			list.WriteByte(',')
		}
		if err := json.Compact(list, item); err != nil || list.Len() >= maxValue {
			list.Truncate(end)
			break
		}
	}
	if list.Len() == 1 {
		return ""
	}
	return list.String() + "]"
}

// bounded is metadata within its limits; entries come in the order of their worth.
func bounded(entries []entry) map[string]string {
	kept, room := map[string]string{}, maxMetadata
	for _, one := range entries {
		if one.text == "" {
			continue
		}
		room -= len(one.name)
		text := cut(printable(one.text, "\n"), min(maxValue, room))
		if len(text) < min(64, len(one.text)) {
			break
		}
		kept[one.name] = text
		room -= len(text)
	}
	return kept
}

// oneLine is text as a message: one printable line.
func oneLine(text string) string { return cut(strings.TrimSpace(printable(text, "")), maxMessage) }

func printable(text, but string) string {
	return strings.Map(func(r rune) rune {
		if (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r)) && !strings.ContainsRune(but, r) {
			return ' '
		}
		return r
	}, text)
}

func cut(text string, size int) string {
	const mark = " […]"
	if len(text) <= size {
		return text
	}
	size = max(0, size-len(mark))
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	return text[:size] + mark
}
