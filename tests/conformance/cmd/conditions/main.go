// Command conditions answers what Argo Rollouts makes of a metric's conditions.
//
// Standard input: one JSON object a line, {"result": any, "success": "...", "failure": "..."}.
// Standard output: one line each, {"phase": "..."} or {"error": "..."}.
//
// A number without point and exponent is a Go int, any other a float64. {"$float": "NaN"} stands
// for a float64 that JSON cannot say ("NaN", "+Inf", "-Inf").
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"

	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/utils/evaluate"
	"github.com/sirupsen/logrus"
)

const longestLine = 1 << 20

type question struct {
	Result  any    `json:"result"`
	Success string `json:"success"`
	Failure string `json:"failure"`
}

type answer struct {
	Phase string `json:"phase,omitempty"`
	Error string `json:"error,omitempty"`
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, longestLine)
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for lines.Scan() {
		if err := out.Encode(answerLine(lines.Bytes())); err != nil {
			fail(err)
		}
	}
	if err := lines.Err(); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// answerLine never panics: what would take the controller down is an answer too.
func answerLine(line []byte) (reply answer) {
	defer func() {
		if cause := recover(); cause != nil {
			reply = answer{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.UseNumber()
	var asked question
	if err := decoder.Decode(&asked); err != nil {
		fail(err)
	}
	metric := v1alpha1.Metric{SuccessCondition: asked.Success, FailureCondition: asked.Failure}
	log := logrus.NewEntry(logrus.New())
	phase, err := evaluate.EvaluateResult(goValue(asked.Result), metric, *log)
	if err != nil {
		return answer{Error: err.Error()}
	}
	return answer{Phase: string(phase)}
}

func goValue(value any) any {
	switch typed := value.(type) {
	case json.Number:
		return number(string(typed))
	case []any:
		for i := range typed {
			typed[i] = goValue(typed[i])
		}
	case map[string]any:
		if text, ok := typed["$float"].(string); ok {
			return number(text)
		}
		for key := range typed {
			typed[key] = goValue(typed[key])
		}
	}
	return value
}

func number(text string) any {
	if integer, err := strconv.Atoi(text); err == nil {
		return integer
	}
	float, err := strconv.ParseFloat(text, 64)
	if err != nil {
		fail(err)
	}
	return float
}
