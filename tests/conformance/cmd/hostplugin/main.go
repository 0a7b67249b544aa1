// Command hostplugin is a plugin served by hashicorp's own go-plugin over net/rpc, for tests of a host.
package main

import (
	"errors"
	"fmt"
	"net/rpc"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
)

var logger = hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: os.Stderr, JSONFormat: true})

// service is what the plugin dispenses as "Echo".
type service struct{ broker *plugin.MuxBroker }

func (service) Echo(text string, reply *string) error {
	*reply = text
	return nil
}

func (service) Fail(text string, _ *string) error { return errors.New("no such thing: " + text) }

// Later replies after that many milliseconds.
func (service) Later(millis int, reply *int) error {
	time.Sleep(time.Duration(millis) * time.Millisecond)
	*reply = millis
	return nil
}

func (service) Large(size int, reply *[]byte) error {
	*reply = make([]byte, size)
	return nil
}

func (service) Length(data []byte, reply *int) error {
	*reply = len(data)
	return nil
}

func (service) Exit(code int, _ *int) error {
	fmt.Fprintln(os.Stderr, "about to exit")
	logger.Error("last words", "code", code)
	os.Exit(code)
	return nil
}

// Write writes on stdout and stderr, and to the log.
func (service) Write(text string, reply *string) error {
	fmt.Println("out", text)
	fmt.Fprintln(os.Stderr, "err", text)
	logger.Warn("log "+text, "answer", 42)
	*reply = text
	return nil
}

// Offer serves another service of this kind on a brokered stream.
func (s service) Offer(_ string, reply *uint32) error {
	*reply = s.broker.NextId()
	go s.broker.AcceptAndServe(*reply, &s)
	return nil
}

// AskHost calls Plugin.Echo of what the host serves at an id.
func (s service) AskHost(id uint32, reply *string) error {
	conn, err := s.broker.Dial(id)
	if err != nil {
		return err
	}
	client := rpc.NewClient(conn)
	defer client.Close()
	return client.Call("Plugin.Echo", "from the plugin", reply)
}

type echo struct{}

func (echo) Server(broker *plugin.MuxBroker) (any, error) { return &service{broker}, nil }

func (echo) Client(*plugin.MuxBroker, *rpc.Client) (any, error) {
	return nil, errors.New("this program is no host")
}

func main() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion: 1, MagicCookieKey: "GOPLUGIN_TEST", MagicCookieValue: "echo",
		},
		Plugins: plugin.PluginSet{"Echo": echo{}},
		Logger:  logger,
	})
}
