package report_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser opens a page in Chromium, and returns what runs actions in it. The test fails if the
// page reports an error, or loads anything but itself.
func browser(t *testing.T, page string) func(...chromedp.Action) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not on the PATH: install the package chromium of Debian")
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(time.Minute))
	ctx, stop := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(stop)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(closeTab)
	var lock sync.Mutex
	var problems []string
	chromedp.ListenTarget(ctx, func(event any) {
		lock.Lock()
		defer lock.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			problems = append(problems, e.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			problems = append(problems, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if e.Request.URL != "file://"+file && !strings.HasPrefix(e.Request.URL, "about:") {
				problems = append(problems, "a request to "+e.Request.URL)
			}
		}
	})
	run := func(actions ...chromedp.Action) {
		t.Helper()
		if err := chromedp.Run(ctx, actions...); err != nil {
			t.Fatal(err)
		}
		lock.Lock()
		defer lock.Unlock()
		for _, p := range problems {
			t.Errorf("the browser reports: %s", p)
		}
		problems = nil
	}
	run(network.Enable(), log.Enable(), chromedp.Navigate("file://"+file))
	return run
}

// A reader filters and sorts flows, with the keyboard too, and hears how many are left.
func TestBrowser(t *testing.T) {
	t.Parallel()
	data := quickstart(t)
	run := browser(t, write(t, data))
	all := len(data.Flows.Conversations)
	status := func(want string) {
		t.Helper()
		var text string
		run(chromedp.Poll(fmt.Sprintf(`document.getElementById("flow-count").textContent === %q`, want), nil, chromedp.WithPollingTimeout(20*time.Second)),
			chromedp.Text("#flow-count", &text))
	}
	status(fmt.Sprintf("%d of %d shown", all, all))
	var shown int
	run(chromedp.SendKeys("#flow-words", "10.0.1.10:22 TCP"))
	status(fmt.Sprintf("2 of %d shown", all))
	run(chromedp.Evaluate(`Array.from(document.querySelectorAll("#flow-table tbody tr")).filter(r => r.offsetHeight > 0).length`, &shown))
	if shown != 2 {
		t.Errorf("%d rows are shown", shown)
	}
	run(chromedp.Evaluate(`document.getElementById("flow-words").value = ""`, nil), chromedp.SendKeys("#flow-words", " "))
	status(fmt.Sprintf("%d of %d shown", all, all))
	for _, want := range []struct{ key, sorted, ordered string }{
		{"\r", "descending", "a >= b"}, {" ", "ascending", "a <= b"},
	} {
		var sorted string
		var inOrder bool
		run(chromedp.SendKeys("#flow-table th:nth-child(4) button", want.key), chromedp.Evaluate(`document.querySelector("#flow-table th:nth-child(4)").getAttribute("aria-sort")`, &sorted),
			chromedp.Evaluate(`Array.from(document.querySelectorAll("#flow-table tbody tr"), r => Number(r.cells[3].textContent.replace(/,/g, ""))).every((b, i, all) => { const a = i ? all[i - 1] : b; return `+want.ordered+`; })`, &inOrder))
		if sorted != want.sorted || !inOrder {
			t.Errorf("aria-sort is %q, and the rows are in order: %t", sorted, inOrder)
		}
	}
	var sorts int
	run(chromedp.Evaluate(`document.querySelectorAll("#flow-table [aria-sort]").length`, &sorts))
	if sorts != 1 {
		t.Errorf("%d columns say that the table is sorted by them", sorts)
	}
	checkHighlight(t, run)
	checkAccessible(t, run)
}

// checkHighlight checks that the links of a bar are shown while it has the focus.
func checkHighlight(t *testing.T, run func(...chromedp.Action)) {
	t.Helper()
	const shown = `Array.from(document.querySelectorAll(".sankey .node use")).filter(u => getComputedStyle(u).visibility === "visible").length`
	var before, during int
	run(chromedp.Evaluate(`document.activeElement.blur(); `+shown, &before), chromedp.Focus(".sankey .node"), chromedp.Evaluate(shown, &during))
	if before != 0 || during != 4 {
		t.Errorf("%d links are highlighted without a focus, and %d with it", before, during)
	}
}

// checkAccessible checks that axe finds nothing, wide and narrow, light and dark.
func checkAccessible(t *testing.T, run func(...chromedp.Action)) {
	t.Helper()
	path := os.Getenv("TRAFFICMIRROR_AXE")
	if path == "" {
		t.Log("axe is not run: TRAFFICMIRROR_AXE does not name the file axe.min.js of axe-core")
		return
	}
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{1280, 400} {
		for _, scheme := range []string{"light", "dark"} {
			var found string
			run(emulation.SetDeviceMetricsOverride(width, 900, 1, false),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
				chromedp.Evaluate(string(source)+"\n;undefined", nil),
				chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.failureSummary + "\n" + n.html))))`,
					&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
			var violations []string
			if err := json.Unmarshal([]byte(found), &violations); err != nil {
				t.Fatal(err)
			}
			for _, v := range violations {
				t.Errorf("%d pixels, %s: %s", width, scheme, v)
			}
		}
	}
}
