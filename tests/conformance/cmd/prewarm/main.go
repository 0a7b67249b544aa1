package main

import (
	_ "github.com/argoproj/argo-rollouts/metricproviders/plugin"
	_ "github.com/argoproj/argo-rollouts/metricproviders/plugin/client"
	_ "github.com/argoproj/argo-rollouts/pkg/client/clientset/versioned/fake"
	_ "github.com/argoproj/argo-rollouts/utils/evaluate"
	_ "github.com/hashicorp/go-plugin"
	_ "github.com/hashicorp/yamux"
	_ "k8s.io/client-go/kubernetes/fake"
)

func main() {}
