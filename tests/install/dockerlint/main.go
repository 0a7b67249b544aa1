// Dockerlint runs the checks of `docker build --check`, all rules, without an engine and without a network.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerui"
	digest "github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

const bareImage = `{"architecture": "%s", "os": "linux", "config": {"Env": ["PATH=/usr/local/bin:/usr/bin:/bin"]}}`

// offline takes every base image for one without a configuration of its own.
type offline struct{ architecture string }

func (o offline) ResolveImageConfig(_ context.Context, ref string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	config := fmt.Appendf(nil, bareImage, o.architecture)
	return ref, digest.FromBytes(config), config, nil
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: dockerlint DOCKERFILE...")
		os.Exit(2)
	}
	clean := true
	for _, path := range os.Args[1:] {
		for _, architecture := range []string{"amd64", "arm64"} {
			findings, err := lint(path, architecture)
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(2)
			}
			for _, finding := range findings {
				fmt.Println(finding)
				clean = false
			}
		}
	}
	if !clean {
		os.Exit(1)
	}
}

func lint(path, architecture string) ([]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	platform := ocispecs.Platform{OS: "linux", Architecture: architecture}
	source := llb.NewSourceMap(nil, path, "Dockerfile", text)
	source.Definition = &llb.Definition{}
	options := dockerfile2llb.ConvertOpt{
		Config: dockerui.Config{
			TargetPlatforms: []ocispecs.Platform{platform},
			BuildPlatforms:  []ocispecs.Platform{platform},
			LinterConfig:    &linter.Config{ExperimentalAll: true},
		},
		SourceMap:      source,
		TargetPlatform: &platform,
		MetaResolver:   offline{architecture},
	}
	results, err := dockerfile2llb.DockerfileLint(context.Background(), text, options)
	if err != nil {
		return nil, err
	}
	var findings []string
	for _, warning := range results.Warnings {
		line := int32(0)
		if ranges := warning.Location.GetRanges(); len(ranges) > 0 {
			line = ranges[0].Start.Line
		}
		findings = append(findings, fmt.Sprintf("%s:%d: %s: %s", path, line, warning.RuleName, warning.Detail))
	}
	if results.Error != nil {
		findings = append(findings, fmt.Sprintf("%s: cannot be built: %s", path, results.Error.Message))
	}
	return findings, nil
}
