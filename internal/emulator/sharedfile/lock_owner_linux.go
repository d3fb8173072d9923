package sharedfile

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// lockOwner names the process that has the lock of a file.
func lockOwner(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return unknownOwner(path)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return unknownOwner(path)
	}
	if pid := lockOwnerOf(stat.Ino); pid != "" {
		return describeProcess(pid)
	}
	return unknownOwner(path)
}

// lockOwnerOf returns the ID of the process that has a lock of flock(2) on an inode,
// "" if there is none that this process can see.
func lockOwnerOf(inode uint64) string {
	locks, err := os.Open("/proc/locks")
	if err != nil {
		return ""
	}
	defer locks.Close()
	suffix := fmt.Sprintf(":%d", inode)
	for lines := bufio.NewScanner(locks); lines.Scan(); {
		// 1: FLOCK  ADVISORY  WRITE 4242 08:01:1234567 0 EOF
		fields := strings.Fields(lines.Text())
		if len(fields) == 8 && fields[1] == "FLOCK" && strings.HasSuffix(fields[5], suffix) {
			return fields[4]
		}
	}
	return ""
}

func describeProcess(pid string) string {
	command, err := os.ReadFile("/proc/" + pid + "/comm")
	if err != nil {
		return "process " + pid
	}
	return fmt.Sprintf("process %s (%s)", pid, strings.TrimSpace(string(command)))
}
