// Command yamuxpeer is hashicorp/yamux as the oracle for goplugin.wire.yamux.
//
//	yamuxpeer talk   -socket PATH -role client|server [-window BYTES] [-backlog N] [-linger DURATION]
//	yamuxpeer record
//
// talk dials a unix socket, serves every stream that the other side opens (see serve.go) and obeys commands on stdin, with
// one line of answer on stdout for each (see commands.go). record prints what two Go sessions say to each other in a few
// scenes, as JSON (see record.go).
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/hashicorp/yamux"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "yamuxpeer:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("expected talk or record")
	}
	switch args[0] {
	case "talk":
		return talk(args[1:])
	case "record":
		return record(os.Stdout)
	default:
		return fmt.Errorf("unknown command %q, expected talk or record", args[0])
	}
}

func talk(args []string) error {
	flags := flag.NewFlagSet("talk", flag.ContinueOnError)
	socket := flags.String("socket", "", "path of the unix socket to dial")
	role := flags.String("role", "server", "client or server")
	window := flags.Uint("window", 256*1024, "MaxStreamWindowSize in bytes")
	backlog := flags.Int("backlog", 256, "AcceptBacklog")
	linger := flags.Duration("linger", time.Minute, "StreamCloseTimeout: half-closed streams are reset after it")
	accept := flags.Bool("accept", true, "accept the streams that the other side opens")
	if err := flags.Parse(args); err != nil {
		return err
	}
	conn, err := net.Dial("unix", *socket)
	if err != nil {
		return err
	}
	config := quietConfig()
	config.MaxStreamWindowSize = uint32(*window)
	config.AcceptBacklog = *backlog
	config.StreamCloseTimeout = *linger
	session, err := newSession(conn, *role, config)
	if err != nil {
		return err
	}
	defer session.Close()
	if *accept {
		go serve(session)
	}
	return obey(session, os.Stdin, os.Stdout)
}

func quietConfig() *yamux.Config {
	config := yamux.DefaultConfig()
	config.LogOutput = io.Discard
	config.EnableKeepAlive = false
	return config
}

func newSession(conn io.ReadWriteCloser, role string, config *yamux.Config) (*yamux.Session, error) {
	switch role {
	case "client":
		return yamux.Client(conn, config)
	case "server":
		return yamux.Server(conn, config)
	default:
		return nil, fmt.Errorf("unknown role %q, expected client or server", role)
	}
}
