package main

import (
	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
)

// scenario says which plugin to drive, through which client, and how.
type scenario struct {
	// Plugin is the path of the plugin's executable file.
	Plugin string `json:"plugin"`
	// Name is the plugin's name, namespace/name.
	Name string `json:"name"`
	// Args are the plugin's command line arguments.
	Args []string `json:"args"`
	// Via is "controller" (metricproviders/plugin/client, with the file copied to plugin-bin) or
	// "go-plugin" (the rpc package over go-plugin's NewClient).
	Via string `json:"via"`
	// Folder is where the controller's working folder is made; by default the temporary folder.
	Folder string `json:"folder"`
	// Metric and AnalysisRun are sent with each call, as Kubernetes JSON.
	Metric      v1alpha1.Metric       `json:"metric"`
	AnalysisRun *v1alpha1.AnalysisRun `json:"analysisRun"`
	// Steps are done one after the other.
	Steps []step `json:"steps"`
}

// step is one thing to do.
type step struct {
	// Call is one of: init, run, resume, terminate, garbageCollect, type, getMetadata, follow (Run,
	// then Resume at resumeAt until the measurement is finished), ping, pids, quit, kill (SIGKILL),
	// die (this process ends without ending the plugin).
	Call string `json:"call"`
	// AtOnce is how often the call is made at the same time; 0 means once.
	AtOnce int `json:"atOnce"`
	// Measurement is what resume and terminate send; by default the last measurement received.
	Measurement *v1alpha1.Measurement `json:"measurement"`
	// Limit is what garbageCollect sends.
	Limit int `json:"limit"`
	// TimeoutSeconds ends a follow; 0 means 60.
	TimeoutSeconds float64 `json:"timeoutSeconds"`
}

// outcome is what a step gave: one line of output.
type outcome struct {
	Call    string  `json:"call"`
	Seconds float64 `json:"seconds"`
	// Results has one entry for each call made.
	Results []any  `json:"results"`
	Error   string `json:"error,omitempty"`
}
