// Command server is an agent behind the official Go SDK's JSON-RPC server, which speaks A2A 0.3.
// With the argument MESSAGE it answers with bare messages.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/a2aproject/a2a-go/a2a"
	"github.com/a2aproject/a2a-go/a2asrv"
	"github.com/a2aproject/a2a-go/a2asrv/eventqueue"
)

const (
	patience = 60 * time.Second
	step     = 20 * time.Millisecond
)

var fence = regexp.MustCompile("(?s)```json\n(.*?)\n```")

type answer struct {
	Form string `json:"form"`
	Text string `json:"text"`
}

// reply gives what lies on the desk for the question, as servers/python/desk.py has it.
func reply(ctx context.Context, question string) (answer, error) {
	found := fence.FindAllStringSubmatch(question, -1)
	if len(found) == 0 {
		return answer{}, fmt.Errorf("no JSON request in the question")
	}
	var request struct {
		Run struct {
			UID string `json:"uid"`
		} `json:"run"`
	}
	if err := json.Unmarshal([]byte(found[len(found)-1][1]), &request); err != nil {
		return answer{}, err
	}
	folder := filepath.Join(os.Getenv("INTEROP_DESK"), request.Run.UID)
	if err := note(filepath.Join(folder, "asked")); err != nil {
		return answer{}, err
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		text, err := os.ReadFile(filepath.Join(folder, "answer.json"))
		if err == nil {
			var said answer
			err = json.Unmarshal(text, &said)
			said.Text = strings.ReplaceAll(said.Text, "{runUid}", request.Run.UID)
			return said, err
		}
		select {
		case <-ctx.Done():
			return answer{}, ctx.Err()
		case <-time.After(step):
		}
	}
	return answer{Form: "text", Text: "nobody has answered"}, nil
}

func note(path string) error {
	asked, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err := asked.WriteString("asked\n"); err != nil {
		return err
	}
	return asked.Close()
}

type judge struct{ message bool }

func (j judge) Execute(ctx context.Context, request *a2asrv.RequestContext, queue eventqueue.Queue) error {
	question := ""
	for _, part := range request.Message.Parts {
		if text, ok := part.(a2a.TextPart); ok {
			question += text.Text
		}
	}
	if !j.message {
		if err := queue.Write(ctx, a2a.NewSubmittedTask(request, request.Message)); err != nil {
			return err
		}
		if err := queue.Write(ctx, a2a.NewStatusUpdateEvent(request, a2a.TaskStateWorking, nil)); err != nil {
			return err
		}
	}
	said, err := reply(ctx, question)
	if err != nil {
		return err
	}
	if j.message {
		return queue.Write(ctx, a2a.NewMessage(a2a.MessageRoleAgent, a2a.TextPart{Text: said.Text}))
	}
	var part a2a.Part = a2a.TextPart{Text: said.Text}
	if said.Form == "data" {
		var data map[string]any
		if err := json.Unmarshal([]byte(said.Text), &data); err != nil {
			return err
		}
		part = a2a.DataPart{Data: data}
	}
	if err := queue.Write(ctx, a2a.NewArtifactEvent(request, part)); err != nil {
		return err
	}
	done := a2a.NewStatusUpdateEvent(request, a2a.TaskStateCompleted, nil)
	done.Final = true
	return queue.Write(ctx, done)
}

func (judge) Cancel(ctx context.Context, request *a2asrv.RequestContext, queue eventqueue.Queue) error {
	canceled := a2a.NewStatusUpdateEvent(request, a2a.TaskStateCanceled, nil)
	canceled.Final = true
	return queue.Write(ctx, canceled)
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	card := &a2a.AgentCard{
		Name:               "canary_judge",
		Description:        "Says whether a canary may be promoted.",
		URL:                url + "/rpc",
		Version:            "1",
		ProtocolVersion:    "0.3.0",
		PreferredTransport: a2a.TransportProtocolJSONRPC,
		Capabilities:       a2a.AgentCapabilities{Streaming: true},
		DefaultInputModes:  []string{"text/plain"},
		DefaultOutputModes: []string{"text/plain", "application/json"},
		Skills:             []a2a.AgentSkill{{ID: "judge", Name: "judge", Description: "judges", Tags: []string{"canary"}}},
	}
	agent := judge{message: len(os.Args) > 1 && os.Args[1] == "MESSAGE"}
	routes := http.NewServeMux()
	routes.Handle("/rpc", a2asrv.NewJSONRPCHandler(a2asrv.NewHandler(agent)))
	routes.Handle(a2asrv.WellKnownAgentCardPath, a2asrv.NewStaticAgentCardHandler(card))
	go func() { // no server outlives the test that started it
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	fmt.Printf("listening %s\n", url)
	server := &http.Server{Handler: routes, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.Serve(listener))
}
