package emulator

import "github.com/trafficmirror/terraform-provider-trafficmirror/internal/topology"

// loadMirror loads the targets, filters and sessions of a topology.
func loadMirror(*tx, *topology.File) {}
