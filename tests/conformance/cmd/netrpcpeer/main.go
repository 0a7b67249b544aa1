// Command netrpcpeer is Go's net/rpc as the oracle for goplugin.wire.netrpc.
//
//	netrpcpeer serve          serves the Arith methods on stdin and stdout, until the end of stdin
//	netrpcpeer call COUNT     calls Arith.Negate COUNT times at once over stdin and stdout, then Arith.Fail and
//	                          Nobody.There; says on stderr what is wrong, and exits 1 then
//	netrpcpeer record         prints what a client and a server of Go say to each other, in hexadecimal, as JSON
package main

import (
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/rpc"
	"os"
	"strconv"
	"sync"
)

// Point is an argument and a reply.
type Point struct{ X, Y int }

// Arith is the service.
type Arith struct{}

// Negate turns the point round.
func (Arith) Negate(args Point, reply *Point) error {
	*reply = Point{-args.X, -args.Y}
	return nil
}

// Fail fails.
func (Arith) Fail(args string, _ *string) error { return errors.New("failed: " + args) }

// Echo returns any value of a registered type, or nil.
func (Arith) Echo(args any, reply *any) error {
	*reply = args
	return nil
}

// stdio is stdin and stdout as one connection.
type stdio struct{}

func (stdio) Read(data []byte) (int, error)  { return os.Stdin.Read(data) }
func (stdio) Write(data []byte) (int, error) { return os.Stdout.Write(data) }
func (stdio) Close() error                   { return os.Stdout.Close() }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "netrpcpeer:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 1 && args[0] == "serve":
		newServer().ServeConn(stdio{})
		return nil
	case len(args) == 2 && args[0] == "call":
		count, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return callAll(rpc.NewClient(stdio{}), count)
	case len(args) == 1 && args[0] == "record":
		return record(os.Stdout)
	default:
		return fmt.Errorf("expected serve, call COUNT or record, found %q", args)
	}
}

func newServer() *rpc.Server {
	gob.Register(Point{})
	server := rpc.NewServer()
	if err := server.Register(Arith{}); err != nil {
		panic(err)
	}
	return server
}

func callAll(client *rpc.Client, count int) error {
	calls := make([]*rpc.Call, count)
	for i := range calls {
		calls[i] = client.Go("Arith.Negate", Point{i, i + 1}, &Point{}, nil)
	}
	for i, call := range calls {
		if <-call.Done; call.Error != nil {
			return fmt.Errorf("call %d: %w", i, call.Error)
		}
		if found, expected := *call.Reply.(*Point), (Point{-i, -i - 1}); found != expected {
			return fmt.Errorf("call %d: got %v, expected %v", i, found, expected)
		}
	}
	if err := expectError(client, "Arith.Fail", "failed: on purpose"); err != nil {
		return err
	}
	return expectError(client, "Nobody.There", "rpc: can't find service Nobody.There")
}

func expectError(client *rpc.Client, method, text string) error {
	err := client.Call(method, "on purpose", new(string))
	if err == nil || err.Error() != text {
		return fmt.Errorf("%s: got %v, expected %q", method, err, text)
	}
	return nil
}

// tape keeps what is written to a connection.
type tape struct {
	net.Conn
	mutex sync.Mutex
	data  []byte
}

func (t *tape) Write(data []byte) (int, error) {
	t.mutex.Lock()
	t.data = append(t.data, data...)
	t.mutex.Unlock()
	return t.Conn.Write(data)
}

func record(output io.Writer) error {
	left, right := net.Pipe()
	clientTape, serverTape := &tape{Conn: left}, &tape{Conn: right}
	go newServer().ServeConn(serverTape)
	client := rpc.NewClient(clientTape)
	if err := client.Call("Arith.Negate", Point{3, -4}, &Point{}); err != nil {
		return err
	}
	if err := expectError(client, "Arith.Fail", "failed: on purpose"); err != nil {
		return err
	}
	if err := expectError(client, "Nobody.There", "rpc: can't find service Nobody.There"); err != nil {
		return err
	}
	for _, argument := range []any{nil, Point{X: 1}} {
		var reply any
		if err := client.Call("Arith.Echo", &argument, &reply); err != nil {
			return err
		}
		if reply != argument {
			return fmt.Errorf("echo of %v is %v", argument, reply)
		}
	}
	return json.NewEncoder(output).Encode(map[string]string{
		"client": hex.EncodeToString(clientTape.data),
		"server": hex.EncodeToString(serverTape.data),
	})
}
