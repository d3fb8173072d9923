//go:build !linux

package emulator

// holder names the process that holds the lock of a file.
func holder(path string) string { return anotherProcess(path) }
