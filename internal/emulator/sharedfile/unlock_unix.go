//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package sharedfile

import (
	"os"
	"syscall"
)

// unlock releases the lock that bbolt has put on a file. To close the file is not enough:
// the lock lasts as long as the file has a memory map.
func unlock(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }
