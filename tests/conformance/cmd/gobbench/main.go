// Command gobbench measures encoding/gob on a call's arguments, for comparison with another implementation on the same bytes.
//
// It reads one JSON object: an AnalysisRun and a Metric as Kubernetes writes them, and how many milliseconds each figure
// may take. It writes one: the first message of a stream (with its type definitions) and the next one (without), base64,
// and nanoseconds an operation for both, each way.
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"io"
	"log"
	"os"
	"time"

	"github.com/argoproj/argo-rollouts/metricproviders/plugin/rpc"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
)

type asked struct {
	Run    *v1alpha1.AnalysisRun `json:"run"`
	Metric v1alpha1.Metric       `json:"metric"`
	Millis int                   `json:"millis"`
}

type answer struct {
	First       []byte  `json:"first"`
	Next        []byte  `json:"next"`
	DecodeFirst float64 `json:"decodeFirst"`
	DecodeNext  float64 `json:"decodeNext"`
	EncodeFirst float64 `json:"encodeFirst"`
	EncodeNext  float64 `json:"encodeNext"`
}

func main() {
	var wanted asked
	must(json.NewDecoder(os.Stdin).Decode(&wanted))
	// As net/rpc sends it for Argo: an interface value that holds a RunArgs.
	var args any = rpc.RunArgs{AnalysisRun: wanted.Run, Metric: wanted.Metric}
	span := time.Duration(wanted.Millis) * time.Millisecond
	must(json.NewEncoder(os.Stdout).Encode(measure(&args, span)))
}

func measure(args *any, span time.Duration) answer {
	var out answer
	var stream bytes.Buffer
	encoder := gob.NewEncoder(&stream)
	must(encoder.Encode(args))
	out.First = bytes.Clone(stream.Bytes())
	stream.Reset()
	must(encoder.Encode(args))
	out.Next = bytes.Clone(stream.Bytes())

	out.EncodeFirst = perOperation(span, func() { must(gob.NewEncoder(io.Discard).Encode(args)) })
	discarding := gob.NewEncoder(io.Discard)
	must(discarding.Encode(args))
	out.EncodeNext = perOperation(span, func() { must(discarding.Encode(args)) })

	out.DecodeFirst = perOperation(span, func() {
		decodeOne(gob.NewDecoder(bytes.NewReader(out.First)))
	})
	repeating := gob.NewDecoder(&repeater{first: out.First, next: out.Next})
	decodeOne(repeating)
	out.DecodeNext = perOperation(span, func() { decodeOne(repeating) })
	return out
}

// repeater is a stream of one first message and endless copies of the next.
type repeater struct{ first, next, rest []byte }

func (r *repeater) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		r.rest, r.first = r.first, nil
		if len(r.rest) == 0 {
			r.rest = r.next
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func decodeOne(decoder *gob.Decoder) {
	var args any
	must(decoder.Decode(&args))
	if run := args.(*rpc.RunArgs).AnalysisRun; run.UID == "" {
		log.Fatal("gob gave an AnalysisRun without its uid")
	}
}

// perOperation is how many nanoseconds one call takes, over calls that fill the span.
func perOperation(span time.Duration, operation func()) float64 {
	operation()
	started, count := time.Now(), 0
	for time.Since(started) < span || count == 0 {
		operation()
		count++
	}
	return float64(time.Since(started).Nanoseconds()) / float64(count)
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
