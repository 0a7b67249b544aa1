// Gobvectors is the oracle of goplugin.wire.gob: it writes gob streams with descriptions of the values in them, and
// describes streams that others wrote.
//
//	gobvectors                     the fixed streams, as JSON on stdout
//	gobvectors -random 100         streams of 100 random types and values
//	gobvectors -read               streams from stdin (the same JSON), decoded into the Go types of the same names
package main

import (
	"bytes"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// Stream is one gob stream: its bytes, and a description of each value in it.
type Stream struct {
	Name   string `json:"name"`
	Hex    string `json:"hex"`
	Values []any  `json:"values"`
}

func main() {
	random := flag.Int("random", 0, "write this many random streams instead of the fixed ones")
	seed := flag.Int64("seed", 1, "the first random stream's seed")
	read := flag.Bool("read", false, "describe the streams on stdin")
	flag.Parse()
	log.SetFlags(0)

	var streams []Stream
	switch {
	case *read:
		streams = readAll(os.Stdin)
	case *random > 0:
		for i := range *random {
			current := *seed + int64(i)
			streams = append(streams, write(fmt.Sprintf("random/%d", current), randomValues(current)))
		}
	default:
		for _, fixed := range fixedStreams() {
			streams = append(streams, write(fixed.name, fixed.values))
		}
	}
	if err := writeLines(os.Stdout, streams); err != nil {
		log.Fatal(err)
	}
}

// writeLines writes the streams as a JSON array with a line for each.
func writeLines(output io.Writer, streams []Stream) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	for i, stream := range streams {
		text.WriteString(map[bool]string{true: "[", false: ","}[i == 0])
		if err := encoder.Encode(stream); err != nil {
			return err
		}
	}
	text.WriteString("]\n")
	_, err := output.Write(text.Bytes())
	return err
}

// write encodes values into one stream. Each value is a pointer, so that interfaces stay interfaces.
func write(name string, values []any) Stream {
	var buffer bytes.Buffer
	encoder := gob.NewEncoder(&buffer)
	stream := Stream{Name: name}
	for _, value := range values {
		if err := encoder.Encode(value); err != nil {
			log.Fatalf("%s: encode %T: %v", name, value, err)
		}
		stream.Values = append(stream.Values, describe(reflect.ValueOf(value)))
	}
	stream.Hex = hex.EncodeToString(buffer.Bytes())
	return stream
}

func readAll(input *os.File) []Stream {
	var streams []Stream
	if err := json.NewDecoder(input).Decode(&streams); err != nil {
		log.Fatal(err)
	}
	for i := range streams {
		streams[i].Values = describeStream(streams[i])
	}
	return streams
}

// describeStream decodes a stream into the types of the values that were written under its name.
func describeStream(stream Stream) []any {
	data, err := hex.DecodeString(stream.Hex)
	if err != nil {
		log.Fatalf("%s: %v", stream.Name, err)
	}
	decoder := gob.NewDecoder(bytes.NewReader(data))
	var values []any
	for _, prototype := range prototypes(stream.Name) {
		target := reflect.New(reflect.TypeOf(prototype).Elem())
		if err := decoder.DecodeValue(target); err != nil {
			log.Fatalf("%s: decode into %s: %v", stream.Name, target.Type(), err)
		}
		values = append(values, describe(target))
	}
	return values
}

func prototypes(name string) []any {
	if seed, isRandom := strings.CutPrefix(name, "random/"); isRandom {
		number, err := strconv.ParseInt(seed, 10, 64)
		if err != nil {
			log.Fatalf("%s: %v", name, err)
		}
		return randomValues(number)
	}
	for _, fixed := range fixedStreams() {
		if fixed.name == name {
			return fixed.values
		}
	}
	log.Fatalf("no stream is named %s", name)
	return nil
}
