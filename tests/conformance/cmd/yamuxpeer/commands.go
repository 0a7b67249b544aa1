package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/hashicorp/yamux"
)

// obey reads commands, one a line, until the end of input:
//
//	echo N SIZE  opens N streams at once, sends SIZE bytes on each, expects them back, and ends it
//	ping         pings the other side
//	streams      answers how many streams are open
//	goaway       tells the other side that no new streams are taken
//	close        closes the session
//
// The answer is "ok", a number, or "error: ...".
func obey(session *yamux.Session, input io.Reader, output io.Writer) error {
	lines := bufio.NewScanner(input)
	for lines.Scan() {
		answer, err := command(session, lines.Text())
		if err != nil {
			answer = "error: " + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Fprintln(output, answer)
	}
	return lines.Err()
}

func command(session *yamux.Session, line string) (string, error) {
	var streams, size int
	switch name, arguments, _ := strings.Cut(line, " "); name {
	case "echo":
		if _, err := fmt.Sscan(arguments, &streams, &size); err != nil {
			return "", err
		}
		return "ok", echoAll(session, streams, size)
	case "ping":
		_, err := session.Ping()
		return "ok", err
	case "streams":
		return fmt.Sprint(session.NumStreams()), nil
	case "goaway":
		return "ok", session.GoAway()
	case "close":
		return "ok", session.Close()
	default:
		return "", fmt.Errorf("unknown command %q", line)
	}
}

func echoAll(session *yamux.Session, streams, size int) error {
	errs := make([]error, streams)
	var group sync.WaitGroup
	for i := range streams {
		group.Add(1)
		go func() {
			defer group.Done()
			errs[i] = echo(session, size)
		}()
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func echo(session *yamux.Session, size int) error {
	stream, err := session.OpenStream()
	if err != nil {
		return err
	}
	defer stream.Close() // not earlier: after Close, Read gives no more than what is there already
	sent, received := pattern(size), make([]byte, size)
	go stream.Write(sent)
	if _, err := io.ReadFull(stream, received); err != nil {
		return err
	}
	if !bytes.Equal(sent, received) {
		return fmt.Errorf("sent %d bytes, received %d others", len(sent), len(received))
	}
	return nil
}
