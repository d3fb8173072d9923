package console

import (
	"bytes"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// A browser that was not seen for some time does not keep others from sending files: its oldest
// file makes room. One that was seen keeps its files.
func TestCaptures_room(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../examples/quickstart/quickstart.pcap")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		c := captures{folder: folder}
		defer c.close()
		add := func(session string) error {
			return c.add(bytes.NewReader(file), &captureFile{session: session, name: "x.pcap"})
		}
		for _, session := range []string{"a", "b", "c", "d"} {
			for range maxCaptures {
				if err := add(session); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Minute) //nolint:forbidigo // of the clock of synctest
		}
		if err := add("new"); !isNoRoom(err) {
			t.Errorf("all files are of browsers that were just seen: %v", err)
		}
		time.Sleep(abandoned) //nolint:forbidigo // of the clock of synctest
		c.see("a")
		if err := c.add(bytes.NewReader([]byte("no capture")), &captureFile{session: "new"}); err == nil || len(c.of("b")) != maxCaptures {
			t.Errorf("what is no capture takes the place of another: %v, %d", err, len(c.of("b")))
		}
		if err := add("new"); err != nil || len(c.of("a")) != maxCaptures || len(c.of("b")) != maxCaptures-1 || len(c.of("new")) != 1 {
			t.Errorf("%v: %d, %d, %d", err, len(c.of("a")), len(c.of("b")), len(c.of("new")))
		}
		if err := add("a"); !isNoRoom(err) {
			t.Errorf("a ninth file: %v", err)
		}
	})
}
