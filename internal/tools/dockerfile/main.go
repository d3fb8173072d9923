// Command dockerfile checks Dockerfiles with the linter of BuildKit, as docker build --check
// does, without a daemon.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
)

func main() {
	for _, name := range os.Args[1:] {
		if err := check(context.Background(), name); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// check prints what the linter finds in a Dockerfile.
func check(ctx context.Context, name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	source := llb.NewSourceMap(nil, name, "Dockerfile", text)
	source.Definition = &llb.Definition{} // the linter wants one, and nothing is built
	results, err := dockerfile2llb.DockerfileLint(ctx, text, dockerfile2llb.ConvertOpt{
		SourceMap: source,
	})
	if err != nil {
		return err
	}
	var found []error
	for _, w := range results.Warnings {
		line := int32(0)
		if ranges := w.Location.GetRanges(); len(ranges) > 0 {
			line = ranges[0].Start.Line
		}
		found = append(found, fmt.Errorf("%s:%d: %s: %s (%s)", name, line, w.RuleName, w.Detail, w.URL))
	}
	if results.Error != nil {
		found = append(found, fmt.Errorf("%s: %s", name, results.Error.Message))
	}
	return errors.Join(found...)
}
