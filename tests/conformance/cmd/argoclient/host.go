package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	"github.com/argoproj/argo-rollouts/metricproviders/plugin/client"
	"github.com/argoproj/argo-rollouts/metricproviders/plugin/rpc"
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/utils/config"
	"github.com/argoproj/argo-rollouts/utils/defaults"
	argoPlugin "github.com/argoproj/argo-rollouts/utils/plugin"
	"github.com/argoproj/argo-rollouts/utils/plugin/types"
	goPlugin "github.com/hashicorp/go-plugin"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

// host hands out the plugin for one use, as its user would get it.
type host interface {
	plugin(metric v1alpha1.Metric) (rpc.MetricProviderPlugin, error)
	ping() error
	quit()
}

func newHost(asked scenario) (host, func(), error) {
	switch asked.Via {
	case "controller":
		return newController(asked)
	case "go-plugin":
		return newGoPlugin(asked)
	}
	return nil, nil, fmt.Errorf("via %q is neither controller nor go-plugin", asked.Via)
}

// controller uses the client that the controller uses; it pings before each use and starts the
// plugin where it is not running.
type controller struct{ metric v1alpha1.Metric }

func newController(asked scenario) (host, func(), error) {
	folder, err := os.MkdirTemp(asked.Folder, "argoclient-")
	if err != nil {
		return nil, nil, err
	}
	cleanUp := func() { _ = os.RemoveAll(folder) }
	if err := os.Chdir(folder); err != nil {
		return nil, cleanUp, err
	}
	items, err := json.Marshal([]types.PluginItem{
		{Name: asked.Name, Location: "file://" + asked.Plugin, Args: asked.Args},
	})
	if err != nil {
		return nil, cleanUp, err
	}
	cluster := fake.NewClientset(&v1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{
			Name:      defaults.DefaultRolloutsConfigMapName,
			Namespace: defaults.Namespace(),
		},
		Data: map[string]string{"metricProviderPlugins": string(items)},
	})
	if _, err := config.InitializeConfig(cluster, defaults.DefaultRolloutsConfigMapName); err != nil {
		return nil, cleanUp, err
	}
	if err := argoPlugin.DownloadPlugins(argoPlugin.FileDownloaderImpl{}, cluster); err != nil {
		return nil, cleanUp, err
	}
	return controller{metric: asked.Metric}, cleanUp, nil
}

func (c controller) plugin(metric v1alpha1.Metric) (rpc.MetricProviderPlugin, error) {
	return client.GetMetricPlugin(metric)
}

func (c controller) ping() error {
	_, err := client.GetMetricPlugin(c.metric)
	return err
}

func (controller) quit() { goPlugin.CleanupClients() }

// direct uses go-plugin and Argo's rpc package without Argo's client around them: InitPlugin is
// only called when a step says so, and nothing starts the plugin again.
type direct struct {
	client   *goPlugin.Client
	protocol goPlugin.ClientProtocol
	provider rpc.MetricProviderPlugin
}

func newGoPlugin(asked scenario) (host, func(), error) {
	started := goPlugin.NewClient(&goPlugin.ClientConfig{
		HandshakeConfig: goPlugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "ARGO_ROLLOUTS_RPC_PLUGIN",
			MagicCookieValue: "metricprovider",
		},
		Plugins: map[string]goPlugin.Plugin{
			"RpcMetricProviderPlugin": &rpc.RpcMetricProviderPlugin{},
		},
		Cmd:     exec.Command(asked.Plugin, asked.Args...),
		Managed: true,
	})
	protocol, err := started.Client()
	if err != nil {
		return nil, nil, err
	}
	raw, err := protocol.Dispense("RpcMetricProviderPlugin")
	if err != nil {
		return nil, nil, err
	}
	provider, ok := raw.(rpc.MetricProviderPlugin)
	if !ok {
		return nil, nil, fmt.Errorf("dispensed a %T", raw)
	}
	return direct{client: started, protocol: protocol, provider: provider}, func() {}, nil
}

func (d direct) plugin(v1alpha1.Metric) (rpc.MetricProviderPlugin, error) { return d.provider, nil }

func (d direct) ping() error { return d.protocol.Ping() }

func (d direct) quit() { d.client.Kill() }
