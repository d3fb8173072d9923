//go:build !unix

package regularfile_test

import "testing"

func streams(*testing.T, string) map[string]string { return nil }
