// Command argoclient drives a metric provider plugin as the Argo Rollouts controller does.
//
// Standard input: one scenario (scenario.go). Standard output: one JSON line for each step
// (steps.go). Standard error: what go-plugin's host logs, the plugin's own log lines included.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	goPlugin "github.com/hashicorp/go-plugin"
)

func main() {
	if err := drive(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func drive() error {
	var asked scenario
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&asked); err != nil {
		return fmt.Errorf("scenario: %w", err)
	}
	host, cleanUp, err := newHost(asked)
	if err != nil {
		return err
	}
	defer cleanUp()
	defer goPlugin.CleanupClients()
	return runSteps(host, asked, json.NewEncoder(os.Stdout))
}
