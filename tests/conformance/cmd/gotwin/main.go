// Command gotwin is the metric-ai plugin's twin in Go: the same work, over hashicorp's go-plugin, Argo's rpc package and net/http.
//
// It was written for comparison alone, so that figures of the plugin have something to stand beside. It is not for use: it knows
// no credentials, no allowed hosts, no other dialect than A2A 1.0 over JSON-RPC, and reads no answer but a data part of our media type.
package main

import (
	"log/slog"
	"os"

	"github.com/argoproj/argo-rollouts/metricproviders/plugin/rpc"
	goPlugin "github.com/hashicorp/go-plugin"
)

func main() {
	// Serve puts pipes in the place of os.Stderr later on; the host reads log lines from the original.
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{ReplaceAttr: asHclog})))
	goPlugin.Serve(&goPlugin.ServeConfig{
		HandshakeConfig: goPlugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "ARGO_ROLLOUTS_RPC_PLUGIN",
			MagicCookieValue: "metricprovider",
		},
		Plugins: goPlugin.PluginSet{
			"RpcMetricProviderPlugin": &rpc.RpcMetricProviderPlugin{Impl: newProvider(newAgents())},
		},
	})
}

// asHclog names a log line's own fields as go-plugin's host expects them.
func asHclog(groups []string, field slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return field
	}
	switch field.Key {
	case slog.TimeKey:
		return slog.String("@timestamp", field.Value.Time().Format("2006-01-02T15:04:05.000000Z07:00"))
	case slog.LevelKey:
		return slog.String("@level", map[string]string{"INFO": "info", "WARN": "warn", "ERROR": "error"}[field.Value.String()])
	case slog.MessageKey:
		field.Key = "@message"
	}
	return field
}
