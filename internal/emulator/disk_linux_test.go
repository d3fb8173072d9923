package emulator_test

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/trafficmirror/terraform-provider-trafficmirror/internal/emulator"
)

// diskVariable makes TestFullDisk the process whose disk is full. Its value is how
// the disk is full.
const diskVariable = "EMULATOR_TEST_DISK"

// diskWays are the ways to have a disk of 256 KiB, each with a function that gives
// the process more. Both concern a process, and the second needs the right to
// mount.
var diskWays = map[string]struct {
	attributes *syscall.SysProcAttr
	limit      func(t *testing.T, folder string) (raise func())
	message    string
}{
	"file size": {&syscall.SysProcAttr{}, limitFileSize, "file too large"},
	"file system": {&syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}, mountSmall, "no space left on device"},
}

func limitFileSize(t *testing.T, _ string) func() {
	signal.Ignore(syscall.SIGXFSZ)
	var before syscall.Rlimit
	fatal(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	fatal(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 256 << 10, Max: before.Max}))
	return func() { fatal(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)) }
}

func mountSmall(t *testing.T, folder string) func() {
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=256k"); err != nil {
		t.Skip("this process cannot mount a file system:", err)
	}
	t.Cleanup(func() { fatal(t, syscall.Unmount(folder, syscall.MNT_DETACH)) })
	return func() { fatal(t, syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT, "size=64m")) }
}

// On a disk that is full a request fails, what was acknowledged stays, reads work,
// and as soon as there is room writes work again.
func TestFullDisk(t *testing.T) {
	if way := os.Getenv(diskVariable); way != "" {
		onFullDisk(t, way)
		return
	}
	t.Parallel()
	program, err := os.Executable()
	fatal(t, err)
	for way, how := range diskWays {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), program, "-test.run=^TestFullDisk$", "-test.v")
			cmd.Env = append(os.Environ(), diskVariable+"="+way)
			cmd.SysProcAttr = how.attributes
			output, err := cmd.CombinedOutput()
			var ended *exec.ExitError
			switch {
			case err != nil && !errors.As(err, &ended):
				t.Skip("this process cannot have a mount namespace:", err)
			case err != nil:
				t.Errorf("%v\n%s", err, output)
			case strings.Contains(string(output), "--- SKIP"):
				t.Skip(string(output))
			}
		})
	}
}

func onFullDisk(t *testing.T, way string) {
	folder := t.TempDir()
	raise := diskWays[way].limit(t, folder)
	o := emulator.Options{Path: filepath.Join(folder, "ec2.db")}
	e := mustNew(t, o)
	create := func() reply { return call(t, e, "CreateTrafficMirrorFilter", "Description="+strings.Repeat("x", 200)) }
	there := func(e *emulator.Emulator) []string {
		return must(t, e, "DescribeTrafficMirrorFilters", "").texts("trafficMirrorFilterSet/item/trafficMirrorFilterId")
	}
	// A small request may still find room where a large one did not.
	var made []string
	for refusals := 0; refusals < 5; {
		got := create()
		if got.code() == "" {
			if made = append(made, got.root.text("trafficMirrorFilter/trafficMirrorFilterId")); len(made) == 2000 {
				t.Fatal("2,000 filters are acknowledged on a disk that cannot hold them")
			}
			continue
		}
		refusals++
		// No client retries this.
		if got.status != 400 || got.code() != "EmulatorStoreFailure" || !strings.Contains(got.message(), diskWays[way].message) || !strings.Contains(got.message(), o.Path) {
			t.Fatalf("got %d %q, want 400 (A0011): %s", got.status, got.code(), got.message())
		}
		slices.Sort(made)
		if got := there(e); !slices.Equal(got, made) {
			t.Fatalf("%d filters are there, want the %d that were acknowledged", len(got), len(made))
		}
	}
	if got := there(mustNew(t, o)); !slices.Equal(got, made) {
		t.Errorf("after a restart %d filters are there, want %d", len(got), len(made))
	}
	raise()
	if got := create(); got.code() != "" {
		t.Fatalf("with room again: %s", got.message())
	}
	if got := there(e); len(got) != len(made)+1 {
		t.Errorf("with room again %d filters are there, want %d", len(got), len(made)+1)
	}
	checkWhole(t, e, o.Path)
	t.Logf("the disk was full after %d filters", len(made))
}
