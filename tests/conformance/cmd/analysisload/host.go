package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/argoproj/argo-rollouts/metricproviders/plugin/rpc"
	"github.com/hashicorp/go-hclog"
	goPlugin "github.com/hashicorp/go-plugin"
)

const pluginName = "RpcMetricProviderPlugin"

// started is a plugin process, connected.
type started struct {
	client   *goPlugin.Client
	protocol goPlugin.ClientProtocol
	provider rpc.MetricProviderPlugin
	pid      int
}

func start(asked scenario, result *report) (*started, error) {
	command := exec.Command(asked.Plugin[0], asked.Plugin[1:]...)
	begun := time.Now()
	client := goPlugin.NewClient(&goPlugin.ClientConfig{
		HandshakeConfig: goPlugin.HandshakeConfig{
			ProtocolVersion: 1, MagicCookieKey: "ARGO_ROLLOUTS_RPC_PLUGIN", MagicCookieValue: "metricprovider",
		},
		Plugins: goPlugin.PluginSet{pluginName: &rpc.RpcMetricProviderPlugin{}},
		Cmd:     command,
		Logger:  hclog.New(&hclog.LoggerOptions{Output: os.Stderr, Level: hclog.Error}),
	})
	protocol, err := client.Client()
	if err == nil {
		err = protocol.Ping()
	}
	result.FirstPing = millis(time.Since(begun))
	if err != nil {
		client.Kill()
		return nil, err
	}
	provider, err := dispense(protocol)
	if err != nil {
		client.Kill()
		return nil, err
	}
	return &started{client, protocol, provider, command.Process.Pid}, nil
}

func dispense(protocol goPlugin.ClientProtocol) (rpc.MetricProviderPlugin, error) {
	dispensed, err := protocol.Dispense(pluginName)
	if err != nil {
		return nil, err
	}
	provider, ok := dispensed.(rpc.MetricProviderPlugin)
	if !ok {
		return nil, fmt.Errorf("dispensed a %T", dispensed)
	}
	return provider, nil
}
