package sharedfile

import "fmt"

// anotherProcess is said where the system does not tell which process holds a
// lock.
func anotherProcess(path string) string {
	return fmt.Sprintf("another process (\"lsof %s\" names it)", path)
}
