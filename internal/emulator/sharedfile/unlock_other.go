//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package sharedfile

import "os"

// unlock does nothing: to close the file releases its lock.
func unlock(*os.File) error { return nil }
