package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v3"
)

// A platform is what GOOS and GOARCH name.
type platform struct{ system, architecture string }

func (p platform) String() string { return p.system + "_" + p.architecture }

// readPlatforms returns the platforms of the releases, which .goreleaser.yml lists.
func readPlatforms() ([]platform, error) {
	text, err := os.ReadFile(filepath.Join(root, ".goreleaser.yml"))
	if err != nil {
		return nil, err
	}
	return platformsIn(text)
}

func printPlatforms(out io.Writer) error {
	platforms, err := readPlatforms()
	for _, p := range platforms {
		fmt.Fprintln(out, p)
	}
	return err
}

func platformsIn(text []byte) ([]platform, error) {
	var config struct {
		Builds []struct {
			Goos, Goarch []string
			Ignore       []struct{ Goos, Goarch string }
			Others       map[string]any `yaml:",inline"`
		}
	}
	if err := yaml.Unmarshal(text, &config); err != nil {
		return nil, err
	}
	if len(config.Builds) != 1 {
		return nil, fmt.Errorf(".goreleaser.yml has %d builds, and this reads one", len(config.Builds))
	}
	build := config.Builds[0]
	for _, key := range []string{"targets", "goamd64", "goarm", "goarm64", "go386", "gomips"} {
		if build.Others[key] != nil {
			return nil, fmt.Errorf("the build of .goreleaser.yml has %s, and this reads goos, goarch and ignore", key)
		}
	}
	var platforms, ignored []platform
	for _, i := range build.Ignore {
		ignored = append(ignored, platform{i.Goos, i.Goarch})
	}
	for _, system := range build.Goos {
		for _, architecture := range build.Goarch {
			platforms = append(platforms, platform{system, architecture})
		}
	}
	platforms = slices.DeleteFunc(platforms, func(p platform) bool { return slices.Contains(ignored, p) })
	if len(platforms) == 0 {
		return nil, fmt.Errorf("the build of .goreleaser.yml has no goos or no goarch")
	}
	return platforms, nil
}
